"""Mutants: a theorem with one thing broken must not pass its own check.

A mutant is killed when one of the theorem's claims or attaining instances turns red: violated, not attained,
diverged, or an error. Its controls play no part. What survives is one of these:

- **equivalent**: the same numbers in all cases (of a bound: in every case of the whole domain).
- **still true**: no case comes nearer to breaking the mutant than to breaking the theorem, as with a larger upper
  bound. No inequality can refuse it, only a floor, and none is stated where it changed.
- **within slack**: it changes less than must be noticed (two per cent of what is computed, more of what is sampled,
  or the tolerance of a limit), or it is a stronger statement only where the theorem does not say that its bound is
  tight: at no attaining instance with a floor of 0.9 or more. It may well be true: no instance that the theorem
  knows can refuse it.
- **allowed**: the entry says why it survives (:meth:`~simlab.vocabulary.theorem.Theorem.survives`).
- **weak**: all others. A law, or a bound where it is tight, that passes when it is wrong; a floor so low that a
  looser bound passes it; a rule or a coupling that does not matter to a law. The check wants another case, instance
  or floor.

Two shares of killed mutants are told: of all that are not equivalent, which loose bounds lower; and of those that
the checks could have refused, killed and weak ones: what the checks are worth where a theorem says exactly how
large something is.
"""
