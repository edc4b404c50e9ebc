"""The samples that each model needs, against the number of patterns.

Ref: brutzkus2021, Section 6
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from convbias.figures import style as style
from convbias.statistics.samples import crossing
from convbias.statistics.summary import select
from convbias.stops import UNFINISHED

TITLE = "Section 6: samples needed as patterns are added"
CAPTION = """
brutzkus2021, Section 6: the number of samples with which the mean test error falls below 0.1, against the number n of
patterns per input, without noise. Sample sizes are interpolated between those that were trained. Bars are 95 %
intervals by bootstrap over training sets. The dotted lines are proportional to the square of n, which is the growth of
the paper's bounds for the MLP and the SVM. The paper's bound for ConvPool does not depend on n: compare the slope of
each line with the dotted lines.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool"]}, {"models": ["mlp", "svm"]}]
TARGET = 0.1
LAYERED = {"layerwise": "Algorithm 1", "layerwise_limit": "Algorithm 1, $T_2 = \\infty$"}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The samples needed by model, training and number of patterns."""
    runs = select(tables["detection"], experiments)
    rows = []
    for (model, training, n), part in runs.groupby(["model", "training", "n_patterns"], sort=False):
        done = part[~part["stopped"].isin(UNFINISHED)]
        errors = {size: group.to_numpy() for size, group in done.groupby("n_train")["test_error"]}
        value, low, high = crossing(np.array(list(errors)), list(errors.values()), TARGET).interval()
        rows.append([model, training, n, value, low, high, len(done), len(part) - len(done)])
    columns = ["model", "training", "n_patterns", "mean", "low", "high", "networks", "left_out"]
    return pd.DataFrame(rows, columns=columns).sort_values(["model", "training", "n_patterns"], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """One line for each model and training."""
    with style.style():
        figure, ((ax,),) = style.axes_grid(1, 1, 2.8)
        groups = list(frame.groupby(["model", "training"], sort=False))
        for ((model, training), rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
            name, own = style.model(model), model
            if training in LAYERED:
                name, own = f"{name}, {LAYERED[training]}", training
            style.draw(ax, rows, name, x="n_patterns", band=False, shift=shift, **style.look(own))
            known = rows.dropna(subset="mean")
            if model != "conv_pool" and len(known):
                n = known["n_patterns"].to_numpy(dtype=float)
                square = known["mean"].iloc[0] * (n / n[0]) ** 2
                ax.plot(n, square, ":", color=style.look(own)["color"], linewidth=0.7)
        numbers = sorted(set(frame["n_patterns"]))
        ax.set(
            xscale="log",
            yscale="log" if (frame["mean"] > 0).any() else "linear",
            xlabel="patterns per input, n",
            ylabel=f"samples for error {TARGET:g}",
        )
        ax.set_xticks(numbers, [str(number) for number in numbers])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_minor_formatter(NullFormatter())
        style.legend(figure, [ax], 2)
        style.note(figure, frame, "Bars: 95 % intervals by bootstrap. Dotted: ∝ n².")
    return figure
