"""The signal strength for a test error of 0.3, against the dimension, in four settings.

Ref: kou2023, Abstract (the transition between benign and harmful overfitting)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from convbias.figures import style as style
from convbias.statistics.samples import crossing
from convbias.statistics.summary import select

TITLE = "How the signal strength for benign overfitting grows"
CAPTION = """
Kou, Chen, Chen and Gu (ICML 2023), extended: the signal strength at which the mean test error is 0.3, against the
dimension d. Both axes are logarithmic, and bars are 95 % (bootstrap) intervals. The legend has the slope of a straight
line through the points. A slope of 1/4 is the paper's boundary, whose theory requires small initial weights. Theory
gives 1/2 for PyTorch's initial weights and small steps, where the initial network makes the errors. Compare the slopes
with these two powers.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["kou2023-networks"]}]
TARGET = 0.3
MARKERS = "osD^"


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The signal strength for the target error, for each experiment and d."""
    runs = select(tables["theory"], experiments, quantity="network_error")
    results = []
    for name in experiments:
        for d, rows in runs[runs["experiment"] == name].groupby("d"):
            errors = {mu: part.to_numpy() for mu, part in rows.groupby("signal")["value"]}
            ends = crossing(np.array(list(errors)), list(errors.values()), TARGET).interval()
            counts = {"networks": len(rows), "left_out": 0}
            results.append(
                {"experiment": name, "d": d, **dict(zip(("mean", "low", "high"), ends, strict=True)), **counts}
            )
    return pd.DataFrame(results)


def plot(frame: pd.DataFrame) -> Figure:
    """One line for each experiment."""
    with style.style():
        figure, grid = style.axes_grid(1, 1, 2.5)
        ax = grid[0, 0]
        groups = list(frame.groupby("experiment", sort=False))
        for colour, marker, (name, rows) in zip(style.shades(len(groups)), MARKERS, groups, strict=False):
            points = rows.dropna(subset="mean")
            slope = np.polyfit(np.log(points["d"].to_numpy(float)), np.log(points["mean"]), 1)[0]
            label = f"{name.removeprefix('kou2023-')}, slope {slope:.2f}"
            style.draw(ax, points, label, band=False, x="d", color=colour, marker=marker)
        style.sample_axis(ax, frame["d"])
        ax.set(yscale="log", xlabel="dimension d", ylabel=f"signal strength μ for error {TARGET:g}")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.legend(loc="upper left")
        style.note(figure, frame, "Bars: 95 % intervals, by bootstrap.")
    return figure
