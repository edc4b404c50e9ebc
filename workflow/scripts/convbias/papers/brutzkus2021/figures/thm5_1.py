"""Theorem 5.1 with its own settings: the loss of the second layer, and the test error with its prediction.

Ref: brutzkus2021, Theorem 5.1; Equation 24
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.papers.brutzkus2021.theory.pattern_sets import one_class_error
from convbias.statistics.summary import like, select

TITLE = "Theorem 5.1 under its own settings"
CAPTION = """
brutzkus2021, Theorem 5.1: loss and test error of Algorithm 1 with the theorem's step sizes, initial weights and k = 8
d^3 + 1 channels. (a) The loss of the second layer against its step. (b) The test error in the limit of the second
layer's training, against the number m of training samples. Bars are 95 % intervals of the mean. Dashed lines are the
prediction from the sets of patterns alone, by other filters that count the votes of S_1. The black line is
2^-floor(m/2), the part from training sets whose second half has one class only. Below m = 50 the theorem guarantees
nothing: its rate sqrt(d/m), without a constant, is above 1/4 there. Dashed lines have more training sets. Points above
the black line mean that networks also have errors of other kinds.
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [
    {"trainings": ["layerwise_limit"]},
    {"check": ["brutzkus2021-first-layer"]},
    {"check": ["brutzkus2021-few-samples"]},
]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of three kinds: ``loss`` by d and step, and ``error`` and ``predicted`` by d and m."""
    losses, predicted = (
        select(tables["theory"], experiments, quantity=name) for name in ("second_loss", "few_predicted")
    )
    runs = select(tables["detection"], experiments, training="layerwise_limit")
    runs = like(runs, select(runs, experiments).iloc[0], "task", "n_patterns", "noise")
    parts = {
        "loss": losses[["d", "n_train", "step", "value"]].rename(columns={"value": "mean"}),
        "error": summarise_networks(runs),
        "predicted": predicted.groupby(["d", "n_train"])["value"].mean().rename("mean").reset_index(),
    }
    return pd.concat([part.assign(kind=kind) for kind, part in parts.items()], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The loss, (b) the error with its prediction, and the part of it from one class in S_2."""
    kinds = {kind: frame[frame["kind"] == kind] for kind in ("loss", "error", "predicted")}
    lengths = sorted({int(d) for rows in kinds.values() for d in rows["d"]})
    shades = dict(zip(lengths, style.shades(len(lengths)), strict=True))
    moved = style.shifts(len(lengths), 2.5)
    with style.style():
        figure, ((left, right),) = style.axes_grid(1, 2, 2.3)
        for number, d in enumerate(lengths):
            losses, errors, predicted = (rows[rows["d"] == d].sort_values("n_train") for rows in kinds.values())
            left.plot(losses["step"], losses["mean"], color=shades[d], label=f"d = {d}")
            if len(errors):
                style.draw(
                    right,
                    errors,
                    f"d = {d}",
                    shades[d],
                    band=False,
                    shift=moved[number],
                    marker=style.MARKERS[number],
                    linestyle="none",
                )
            right.plot(predicted["n_train"], predicted["mean"], "--", color=shades[d], linewidth=0.8)
        left.set(xlabel="step of the second layer", ylabel="loss $L_2$", title="(a)", yscale="log")
        left.set_xscale("symlog", linthresh=1)
        left.set_xlim(0, kinds["loss"]["step"].max())
        left.set_xticks([0, 10, 1000], ["0", "10", "1000"])
        left.xaxis.set_minor_locator(NullLocator())
        sizes = np.arange(2, kinds["error"]["n_train"].max() + 1)
        right.plot(sizes, [one_class_error(int(m)) for m in sizes], "k-", linewidth=0.5)
        style.sample_axis(right, kinds["error"]["n_train"])
        right.set(xlabel=style.SAMPLES, ylabel=style.ERROR, title="(b) dashed: predicted", ylim=(-0.02, 0.75))
        style.legend(figure, [left, right], len(lengths))
        style.note(figure, kinds["error"], "Bars: 95 % intervals of the mean.")
    return figure
