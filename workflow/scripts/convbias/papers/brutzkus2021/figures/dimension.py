"""Test error against the dimension d at fixed l, and against the number l of patterns at fixed d.

Ref: brutzkus2021, Section 3 (the set O)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import mean_interval, select

TITLE = "Section 3: more dimensions, or more patterns"
CAPTION = """
brutzkus2021, Section 3 (extended): test error of ConvPool on few samples, (a) against the dimension d with the largest
number l of patterns, and (b) against l with the smallest d. There is no noise. Algorithm 1 (in the limit of the second
layer) trains only the filters in the span of the patterns, so its error should depend on l only. The three points of
(a) share their training sets and the directions of their filters. Adam works on coordinates, so d may matter. Training
sets have both classes in each half. Bars are 95 % intervals over training sets. A flat line in (a) means that the error
does not depend on d.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["brutzkus2021-dimension"]}]
TRAININGS = {"limit": ("Algorithm 1, $T_2 = \\infty$", "layerwise_limit"), "adam": ("Adam", "conv_pool")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The mean error of each training by d and l, with its interval; ``networks`` counts training sets."""
    rows = []
    for training in TRAININGS:
        found = select(tables["theory"], experiments, quantity=f"dimension_{training}_error")
        for (d, l), own in found.groupby(["d", "l"]):
            mean, low, high = mean_interval(own["value"].to_numpy(dtype=float))
            ends = {"mean": mean, "low": low, "high": high, "networks": len(own), "left_out": 0}
            rows.append({"training": training, "d": d, "l": l, **ends})
    return pd.DataFrame(rows)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) Errors at the largest l, by d, and (b) at the smallest d, by l."""
    d, l = frame["d"].min(), frame["l"].max()
    with style.style():
        figure, (axes,) = style.axes_grid(1, 2, 2.1, sharey="row")
        panels = (("a", f"l = {l} patterns", "d", frame["l"] == l), ("b", f"d = {d} dimensions", "l", frame["d"] == d))
        for (letter, title, by, mine), ax in zip(panels, axes, strict=True):
            for training, (label, look) in TRAININGS.items():
                rows = frame[mine & (frame["training"] == training)]
                style.draw(ax, rows, label, band=False, x=by, **style.look(look))
            ax.set(xlabel=by, title=f"({letter}) {title}", xscale="log")
            ax.set_xticks(
                sorted(set(frame.loc[mine, by])), [f"{value:g}" for value in sorted(set(frame.loc[mine, by]))]
            )
            ax.minorticks_off()
        axes[0].set(ylabel=f"{style.ERROR}, ConvPool", ylim=(0, None))
        style.legend(figure, [axes[0]], 2)
        style.note(figure, frame, "Bars: 95 % intervals over training sets.")
    return figure
