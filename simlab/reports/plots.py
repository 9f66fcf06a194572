"""A quick plot of measured curves to one file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simlab.errors import InputError
from simlab.running.simulate import Curve


def plot_curves(path: str, title: str, curves: Mapping[str, Curve]) -> None:
    """Curves with their confidence bands against the step, both axes logarithmic where the numbers allow it.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from simlab.drawing.style import chosen, drawn_in

    with drawn_in(chosen("notebook")):
        figure = Figure(figsize=(6.0, 4.0), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        for label, curve in curves.items():
            shown = np.isfinite(curve.mean) & (curve.mean > 0)
            (line,) = axes.plot(curve.k[shown], curve.mean[shown], marker="o", label=label)
            if curve.how == "sampled":
                low = np.maximum(curve.low, np.min(curve.mean[shown], initial=np.inf) / 10)
                axes.fill_between(
                    curve.k[shown], low[shown], curve.high[shown], alpha=0.25, color=line.get_color()
                )
        axes.set(xlabel="step $k$", yscale="log", title=title)
        axes.set_xscale("symlog", linthresh=1)
        axes.set_xlim(left=-0.2)
        axes.legend()
        try:
            figure.savefig(path)
        except ValueError:
            known = ", ".join(sorted(figure.canvas.get_supported_filetypes()))
            raise InputError(
                f"{Path(path).name} has no ending that can be plotted; use one of {known}."
            ) from None
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}; choose another path.") from None


def check_format(path: str) -> None:
    """Refuse a file whose ending names no format, before anything runs.

    Raises
    ------
    InputError
        With the formats that there are.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    known = FigureCanvasAgg.get_supported_filetypes()
    if Path(path).suffix.lower().removeprefix(".") not in known:
        raise InputError(f"{path} has no ending that can be plotted; use one of {', '.join(sorted(known))}.")
