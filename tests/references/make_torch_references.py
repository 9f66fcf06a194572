"""Make the reference trajectories of this folder with PyTorch.

PyTorch is needed here and nowhere else: the JSON files are kept beside this script. To make them anew::

    python -m venv torchenv
    torchenv/bin/pip install torch==2.13.0 numpy
    torchenv/bin/python tests/references/make_torch_references.py

Two modes, each of 60 steps in dimension 5 from one start, in float64 and with PyTorch's plain loop
(``foreach=False``):

- ``given``: step k uses row k of a fixed table, wherever the iterate is: the update rule alone.
- ``quadratic``: step k uses the gradient of x'Hx / 2 at x_k, by automatic differentiation.

The table is standard normal (``numpy.random.default_rng(20210)``) with these rows and coordinates changed:

- coordinate 1 changes sign at every step;
- coordinate 3 is zero except in every seventh step, coordinate 4 is zero before step 10;
- steps 20 to 24 are divided by 1e3, steps 40 to 44 multiplied by 1e3;
- step 30 is zero in every coordinate.

``inputs.json`` holds start, table and H; one file an optimizer holds its variants and x_1, ..., x_60 of each.
Numbers are written with the fewest digits that give the same float64 back.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]

FOLDER = Path(__file__).parent
STEPS, DIMENSION = 60, 5
START = [1.5, -2.0, 0.5, 3.0, -1.0]
CURVATURES = [0.05, 0.3, 1.0, 3.0, 8.0]
BOTH, GIVEN = ("given", "quadratic"), ("given",)

# Every rule: how PyTorch spells the hyper-parameters h, whose names are the ones of twins.py.
RULES: dict[str, Callable[[Any, dict[str, float]], Any]] = {
    "sgd": lambda x, h: torch.optim.SGD(
        [x], lr=h["step_size"], weight_decay=h["weight_decay"], foreach=False
    ),
    "sgd_momentum": lambda x, h: torch.optim.SGD(
        [x],
        lr=h["step_size"],
        momentum=h["momentum"],
        dampening=0,
        weight_decay=h["weight_decay"],
        foreach=False,
    ),
    "sgd_nesterov": lambda x, h: torch.optim.SGD(
        [x],
        lr=h["step_size"],
        momentum=h["momentum"],
        dampening=0,
        weight_decay=h["weight_decay"],
        nesterov=True,
        foreach=False,
    ),
    "adagrad": lambda x, h: torch.optim.Adagrad(
        [x],
        lr=h["step_size"],
        lr_decay=0,
        weight_decay=h["weight_decay"],
        initial_accumulator_value=h["initial_accumulator"],
        eps=h["epsilon"],
        foreach=False,
    ),
    "rmsprop": lambda x, h: torch.optim.RMSprop(
        [x],
        lr=h["step_size"],
        alpha=h["decay"],
        eps=h["epsilon"],
        weight_decay=h["weight_decay"],
        momentum=0,
        centered=False,
        foreach=False,
    ),
    "adam": lambda x, h: torch.optim.Adam([x], **adam_arguments(h), amsgrad=False),
    "amsgrad": lambda x, h: torch.optim.Adam([x], **adam_arguments(h), amsgrad=True),
    "adamw": lambda x, h: torch.optim.AdamW([x], **adam_arguments(h), amsgrad=False),
}

# The first variant of each rule, PyTorch's own defaults except for SGD, then what the others change in it.
FIRST: dict[str, dict[str, float]] = {
    "sgd": {"step_size": 0.05, "weight_decay": 0.0},
    "sgd_momentum": {"step_size": 0.05, "momentum": 0.9, "weight_decay": 0.0},
    "sgd_nesterov": {"step_size": 0.05, "momentum": 0.9, "weight_decay": 0.0},
    "adagrad": {"step_size": 1e-2, "initial_accumulator": 0.0, "epsilon": 1e-10, "weight_decay": 0.0},
    "rmsprop": {"step_size": 1e-2, "decay": 0.99, "epsilon": 1e-8, "weight_decay": 0.0},
    "adam": {"step_size": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.0},
    "amsgrad": {"step_size": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.0},
    "adamw": {"step_size": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 1e-2},
}
DECAYED = {"step_size": 0.05, "weight_decay": 0.1}
VARIANTS: dict[str, list[tuple[str, dict[str, float], tuple[str, ...]]]] = {
    "sgd": [("default", {}, BOTH), ("weight_decay=0.1", DECAYED, GIVEN)],
    "sgd_momentum": [
        ("default", {}, BOTH),
        ("momentum=0.5", {"momentum": 0.5}, GIVEN),
        ("momentum=0.99", {"momentum": 0.99}, BOTH),
        ("weight_decay=0.1", DECAYED, GIVEN),
    ],
    "sgd_nesterov": [
        ("default", {}, BOTH),
        ("momentum=0.5", {"momentum": 0.5}, GIVEN),
        ("weight_decay=0.1", DECAYED, GIVEN),
    ],
    "adagrad": [
        ("default", {}, BOTH),
        ("initial_accumulator=0.1", {"step_size": 0.05, "initial_accumulator": 0.1}, GIVEN),
        ("epsilon=1e-3", {"step_size": 0.05, "epsilon": 1e-3}, GIVEN),
        ("weight_decay=0.1", DECAYED, GIVEN),
    ],
    "rmsprop": [
        ("default", {}, BOTH),
        ("decay=0.9", {"step_size": 0.05, "decay": 0.9}, GIVEN),
        ("epsilon=1e-3", {"step_size": 0.05, "epsilon": 1e-3}, GIVEN),
        ("weight_decay=0.1", DECAYED, BOTH),
    ],
    "adam": [
        ("default", {}, BOTH),
        ("beta1=0.5, beta2=0.9", {"step_size": 0.05, "beta1": 0.5, "beta2": 0.9}, GIVEN),
        ("beta1=0.99", {"step_size": 0.05, "beta1": 0.99}, GIVEN),
        ("epsilon=1e-3", {"step_size": 0.05, "epsilon": 1e-3}, GIVEN),
        ("weight_decay=0.1", DECAYED, BOTH),
    ],
    "amsgrad": [
        ("default", {}, BOTH),
        ("beta2=0.9", {"step_size": 0.05, "beta2": 0.9}, BOTH),
        ("epsilon=1e-3", {"step_size": 0.05, "epsilon": 1e-3}, GIVEN),
        ("weight_decay=0.1", DECAYED, GIVEN),
    ],
    "adamw": [
        ("default", {}, BOTH),
        ("beta1=0.5", {"step_size": 0.05, "beta1": 0.5}, GIVEN),
        ("epsilon=1e-3", {"step_size": 0.05, "epsilon": 1e-3}, GIVEN),
        ("weight_decay=0.1", DECAYED, BOTH),
    ],
}


def adam_arguments(h: dict[str, float]) -> dict[str, Any]:
    return {
        "lr": h["step_size"],
        "betas": (h["beta1"], h["beta2"]),
        "eps": h["epsilon"],
        "weight_decay": h["weight_decay"],
        "foreach": False,
    }


def make_inputs() -> dict[str, Any]:
    """Start, table of gradients and Hessian."""
    rng = np.random.default_rng(20210)
    table = rng.standard_normal((STEPS, DIMENSION))
    steps = np.arange(STEPS)
    table[:, 1] = np.abs(table[:, 1]) * (-1.0) ** steps
    table[steps % 7 != 3, 3] = 0.0
    table[:10, 4] = 0.0
    table[20:25] /= 1e3
    table[40:45] *= 1e3
    table[30] = 0.0
    rotation = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))[0]
    hessian = rotation @ np.diag(CURVATURES) @ rotation.T
    return {
        "start": START,
        "gradients": table.tolist(),
        "hessian": ((hessian + hessian.T) / 2).tolist(),
    }


def run(rule: str, hyperparameters: dict[str, float], mode: str, inputs: dict[str, Any]) -> list[list[float]]:
    """x_1, ..., x_60 of one variant."""
    x = torch.tensor(inputs["start"], dtype=torch.float64, requires_grad=True)
    table = torch.tensor(inputs["gradients"], dtype=torch.float64)
    hessian = torch.tensor(inputs["hessian"], dtype=torch.float64)
    optimizer = RULES[rule](x, hyperparameters)
    iterates = []
    for k in range(STEPS):
        optimizer.zero_grad()
        if mode == "given":
            x.grad = table[k].clone()
        else:
            (0.5 * x @ hessian @ x).backward()
        optimizer.step()
        iterates.append(x.detach().tolist())
    return iterates


def write(name: str, document: dict[str, Any]) -> None:
    """One row of numbers a line, so that a change can be read."""
    text = json.dumps(document, separators=(",", ":"))
    (FOLDER / f"{name}.json").write_text(text.replace("],[", "],\n[").replace("},{", "},\n{") + "\n")


def main() -> None:
    inputs = make_inputs()
    write("inputs", inputs)
    for rule, variants in VARIANTS.items():
        references = []
        for name, changes, modes in variants:
            hyperparameters = {**FIRST[rule], **changes}
            references += [
                {
                    "name": f"{name} ({mode})",
                    "mode": mode,
                    "hyperparameters": hyperparameters,
                    "iterates": run(rule, hyperparameters, mode, inputs),
                }
                for mode in modes
            ]
        write(rule, {"optimizer": rule, "torch": torch.__version__, "references": references})


if __name__ == "__main__":
    main()
