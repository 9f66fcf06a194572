"""Adam's regret does not vanish; AMSGrad's does."""

import numpy as np

from simlab.drawing.registry import figure
from simlab.drawing.sheet import Sheet
from simlab.optimizers.proximal import proximal_sgd
from simlab.running.simulate import Curve, curve
from simlab.vocabulary.method import Method
from theorems.single_machine.adaptive import adam_reddi_online, decaying, uncorrected


@figure(width="column")
def adam_regret(sheet: Sheet) -> None:
    """Average regret in the game of Reddi, Kale & Kumar with C = 4, whose losses are 4x, -x, -x in turn:
    Adam's stays above its lower bound 2 (C - 2)/3 (dotted) for ever, AMSGrad's and SGD's vanish.
    """
    from simlab.optimizers.adaptive import projected_amsgrad

    (axes,) = sheet.panels()
    rounds = 3 * np.unique(np.geomspace(1, 10_000, 25).astype(int))
    amsgrad = projected_amsgrad(
        step_size=lambda k, a, C: decaying(k, a, 1 / (1 + C**2)),
        beta2=lambda C: 1 / (1 + C**2),
        **uncorrected,
    )
    sgd = proximal_sgd(step_size=lambda k, a: a / np.sqrt(k + 1))
    for number, (label, method) in enumerate((("Adam", None), ("AMSGrad", amsgrad), ("SGD", sgd))):
        measured = _regret(method, rounds)
        sheet.line(axes, label, measured.k, measured.mean / measured.k, number=number)
    law = [adam_reddi_online.bound(k, 4.0) / k for k in rounds]
    sheet.bound(axes, "lower bound of Adam", rounds, law, number=4, linewidth=1.4, zorder=3)
    axes.set(xscale="log", yscale="log", xlabel="rounds $k$", ylabel="average regret $R_k / k$")
    axes.legend()


def _regret(method: Method | None, rounds: "np.typing.NDArray[np.int64]") -> Curve:
    from dataclasses import replace

    from simlab.planning.cases import case_on

    setting = adam_reddi_online.setting
    chosen = (
        adam_reddi_online
        if method is None
        else replace(adam_reddi_online, setting=replace(setting, method=method))
    )
    return curve(case_on(chosen, setting.on[0], rounds, C=4.0, a=0.9))
