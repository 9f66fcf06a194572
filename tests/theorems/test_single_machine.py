"""The single-machine chapter is complete: each of the optimizers that are used most has theorems of every kind, and
each published slip stands as a refuted statement beside the corrected one.
"""

import pytest

from simlab.discovery import discover
from simlab.vocabulary.registry import REGISTRY
from simlab.vocabulary.theorem import Theorem

KINDS = ("convex", "strongly convex", "non-convex", "cannot", "outside")

# What holds on convex, on strongly convex (or Polyak-Lojasiewicz) and on non-convex functions; what the method, or
# any method, cannot do; and what goes wrong where an assumption fails.
OPTIMIZERS = {
    "SGD": (
        ("sgd-convex-average", "sgd-last-iterate-convex", "bach-moulines-ls"),
        ("sgd-sc-constant", "sgd-sc-decay", "sgd-needell", "sgd-random-reshuffling", "sgd-pl-constant"),
        ("sgd-nonconvex-constant", "sgd-nonconvex-tuned", "sgd-nonconvex-decay"),
        ("lb-stochastic-sc", "lb-stochastic-convex", "sgd-last-iterate-log"),
        ("sgd-multiplicative-stability", "sgd-constant-step-bias", "sgd-one-step-additive-noise"),
    ),
    "momentum": (
        ("hb-ghadimi-average", "hb-ghadimi-timevarying", "shb-last-iterate", "sum-convex"),
        ("hb-strongly-convex-global", "hb-quadratic-optimal"),
        ("sgdm-liu-gao-yin", "sum-nonconvex"),
        ("hb-polygon-cycle", "hb-lessard-counterexample"),
        ("hb-quadratic-stability", "hb-average-of-long-steps", "hb-stochastic-stationary"),
    ),
    "NAG": (
        ("nag-convex", "nag-convex-simplified-tight"),
        ("nag-strongly-convex", "nag-restart"),
        ("nag-nonconvex",),
        ("lb-nesterov-convex", "lb-strongly-convex", "nag-quadratic-exact"),
        ("nag-stochastic-divergence", "nag-convex-index-as-printed"),
    ),
    "AdaGrad": (
        ("adagrad-diag-regret", "adagrad-norm-convex", "adagrad-norm-smooth-convex"),
        ("adagrad-pl",),
        ("adagrad-defossez", "adagrad-norm-deterministic", "adagrad-norm-stochastic"),
        ("adagrad-slope",),
        ("adagrad-never-forgets",),
    ),
    "RMSProp": (
        ("rmsprop-regret",),
        ("rmsprop-pl", "adam-sign-descent-pl"),
        ("rmsprop-zaheer", "adam-defossez", "adam-sign-descent"),
        ("rmsprop-cycle",),
        ("rmsprop-drift",),
    ),
    "Adam": (
        ("adam-regret", "amsgrad-momentum-regret"),
        ("adam-pl", "adam-sign-descent-pl"),
        ("adam-defossez-momentum", "adam-nonconvex", "adam-sign-descent", "adam-sign-descent-stochastic"),
        ("adam-reddi-online", "adam-reddi-stochastic"),
        ("adam-regret-as-printed", "adam-reddi-any-memory", "adam-update-magnitude-as-printed"),
    ),
    "AdamW": (
        ("adamw-convex", "adamw-convex-any-betas", "adamw-convex-stochastic", "adamw-frank-wolfe"),
        ("adamw-separable", "adamw-large-epsilon"),
        ("adamw-nonconvex", "adamw-kkt"),
        ("adamw-fixed-point",),
        ("adamw-norm-any-betas", "adamw-linf-norm"),
    ),
    "L-BFGS": (
        ("lbfgs-convex",),
        ("lbfgs-global-linear", "lbfgs-linear", "lbfgs-chebyshev", "bfgs-lbfgs-termination"),
        ("lbfgs-nonconvex",),
        ("lbfgs-unit-steps-cycle",),
        ("lbfgs-eigenvalue-bounds", "lbfgs-smallest-eigenvalue"),
    ),
}

# A statement as it is printed or often quoted, and the corrected one beside it.
SLIPS = {
    "adam-reddi-any-memory": "adam-reddi-online",
    "adam-regret-as-printed": "adam-regret",
    "adam-update-magnitude-as-printed": "adam-update-magnitude",
    "barzilai-borwein-without-factor": "barzilai-borwein-linear",
    "cg-outliers-as-computed": "cg-outliers",
    "fista-unconstrained-constant": "fista-lasso",
    "hb-average-of-long-steps": "hb-ghadimi-average",
    "hb-quadratic-as-printed": "hb-quadratic-optimal",
    "nag-convex-index-as-printed": "nag-convex",
    "polyak-ruppert-constant-step": "sgd-constant-step-bias",
    "polyak-step-last-iterate": "polyak-step-lipschitz",
    "rr-floor-in-any-order": "ig-any-order",
    "sgd-needell-with-mean-smoothness": "sgd-needell",
    "sgd-one-step-additive-noise": "sgd-one-step-variance-at-optimum",
    "subgrad-last-as-best": "subgrad-last-constant",
}

discover()
CHAPTER: dict[str, Theorem] = {
    name: entry
    for name, entry in REGISTRY.of("theorem").items()
    if entry.chapter == "single-machine" and entry.module.startswith("theorems.")
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_has_theorems_of_every_kind(optimizer: str) -> None:
    kinds = OPTIMIZERS[optimizer]
    assert len(kinds) == len(KINDS)
    assert all(kinds)
    assert [name for names in kinds for name in names if name not in CHAPTER] == []


def test_published_slips_stand_beside_what_is_true() -> None:
    found = {name: entry.corrected.id for name, entry in CHAPTER.items() if entry.corrected is not None}
    assert found == SLIPS
