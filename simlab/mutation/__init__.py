"""Mutants: a theorem with one thing broken must not pass its own check.

A mutant is killed when one of the theorem's claims or attaining instances turns red: violated, not attained,
diverged, or an error. Its controls play no part. What survives is one of these:

- **equivalent**: the same numbers in all cases (of a bound: in every case of the whole domain).
- **still true**: no case comes nearer to breaking the mutant than to breaking the theorem, as with a larger upper
  bound. No inequality can refuse it, only a floor, and none is stated where it changed.
- **within slack**: it changes less than must be noticed (two per cent of what is computed, more of what is sampled,
  or the tolerance of a limit), or it is a stronger statement where the theorem itself says that its bound is not
  tight: its floor is below 0.9, or it has none. No instance known to the theorem can refuse those.
- **allowed**: the entry says why it survives (:meth:`~simlab.vocabulary.theorem.Theorem.survives`).
- **weak**: all others. A law or a tight bound that passes when it is wrong, or a floor so low that a looser bound
  passes it. The check wants another case, instance or floor.

The score is killed / (killed + weak). It says what the checks of tight statements are worth; next to it stands the
share of all mutants that are not equivalent.
"""
