"""Theorem 5.1 with its own settings: the loss of the second layer, and the test error by d and m.

Ref: brutzkus2021, Theorem 5.1
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.samples import crossing
from convbias.statistics.summary import like, select

CAPTION = """
brutzkus2021, Theorem 5.1, with its step sizes, initial weights and k = 8 d^3 + 1 channels. (a) The loss of the second
layer against its step. (b) The test error in the limit of the second layer's training, against the number m of training
samples. The dotted lines are the rate sqrt(d/m) of the theorem without its constant. Below m = 50 the theorem
guarantees nothing, and errors come from training sets of which one half has one class only. (c) The samples needed for
a test error, which is assumed, against d, by interpolation. The dotted line is proportional to d. Bars are 95 %
intervals, in (c) by bootstrap. The theorem predicts that the loss falls to 0, and that errors fall at least as fast as
the dotted lines in (b).
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [{"trainings": ["layerwise_limit"]}, {"check": ["brutzkus2021-first-layer"]}]
TARGET = 0.05  # the error for which (c) shows the samples needed


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of three kinds: ``loss`` by d and step, ``error`` by d and m, and ``needed``, the samples needed by d."""
    losses = select(tables["theory"], experiments, quantity="second_loss")
    runs = select(tables["detection"], experiments, training="layerwise_limit")
    runs = like(runs, select(runs, experiments[:1]).iloc[0], "task", "n_patterns", "noise")
    needed = []
    for d, rows in runs.groupby("d"):
        errors = {n: part.to_numpy() for n, part in rows.groupby("n_train")["test_error"]}
        value, low, high = crossing(np.array(list(errors)), list(errors.values()), TARGET).interval()
        needed.append({"d": d, "mean": value, "low": low, "high": high})
    parts = {
        "loss": losses[["d", "n_train", "step", "value"]].rename(columns={"value": "mean"}),
        "error": summarise_networks(runs),
        "needed": pd.DataFrame(needed),
    }
    return pd.concat([part.assign(kind=kind) for kind, part in parts.items()], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The loss, (b) the error with the rate sqrt(d/m), (c) the samples needed with a line proportional to d."""
    kinds = {kind: frame[frame["kind"] == kind] for kind in ("loss", "error", "needed")}
    lengths = sorted({int(d) for d in frame["d"]})
    shades = dict(zip(lengths, style.shades(len(lengths)), strict=True))
    with style.style():
        figure, ((left, middle, right),) = style.axes_grid(1, 3, 2.1)
        for d in lengths:
            losses, errors = (kinds[kind][kinds[kind]["d"] == d].sort_values("n_train") for kind in ("loss", "error"))
            left.plot(losses["step"], losses["mean"], color=shades[d], label=f"d = {d}")
            if len(errors):
                style.draw(middle, errors, f"d = {d}", shades[d], band=False)
                middle.plot(errors["n_train"], (d / errors["n_train"]) ** 0.5, ":", color=shades[d], linewidth=0.7)
        left.set(xlabel="step of the second layer", ylabel="loss $L_2$", title="(a)", yscale="log")
        left.set_xscale("symlog", linthresh=1)
        left.set_xlim(0, kinds["loss"]["step"].max())
        left.set_xticks([0, 10, 1000], ["0", "10", "1000"])
        left.xaxis.set_minor_locator(NullLocator())
        style.sample_axis(middle, kinds["error"]["n_train"])
        middle.set(xlabel=style.SAMPLES, ylabel=style.ERROR, title="(b) dotted: $\\sqrt{d/m}$", ylim=(0, 1))
        needed = kinds["needed"].dropna(subset="mean")
        if len(needed):
            spread = (needed["mean"] - needed["low"], needed["high"] - needed["mean"])
            right.errorbar(needed["d"], needed["mean"], spread, fmt=".k", markersize=4, elinewidth=0.8)
            line = needed["mean"].iloc[0] * needed["d"] / needed["d"].iloc[0]
            right.plot(needed["d"], line, ":", color="0.5")
            right.set_xticks(needed["d"])
        right.set(xlabel="d", ylabel=f"samples for error {TARGET:g}", title="(c) dotted: ∝ d", ylim=(0, None))
        style.legend(figure, [left], len(lengths))
        style.note(figure, kinds["error"], "Bars: 95 % intervals, (b) of the mean, (c) by bootstrap.")
    return figure
