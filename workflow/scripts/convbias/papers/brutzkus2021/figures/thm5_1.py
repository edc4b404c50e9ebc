"""Theorem 5.1 with its own settings: the loss of the second layer, the test error, and the bound on the margin.

Ref: brutzkus2021, Theorem 5.1; Appendix E
"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.papers.brutzkus2021.theory.representation import complexity_bound
from convbias.statistics.summary import like, mean_interval, select

CAPTION = """
brutzkus2021, Theorem 5.1, with its step sizes, initial weights and k = 8 d^3 + 1 channels. (a) The loss of the second
layer against its step. (b) The test error in the limit of the second layer's training, against the number m of training
samples. The dotted lines are the rate sqrt(d/m) of the theorem without its constant. Below m = 50 the theorem
guarantees nothing, and errors come from training sets of which one half has one class only. (c) The quantity that the
proof bounds: the squared norm of the maximum-margin classifier on the features, times their largest squared norm. The
dotted line is the bound, 51200 d. Bars are 95 % intervals of the mean. The bound grows with d, but the quantity does
not: this is why samples needed hardly grow with d.
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [
    {"trainings": ["layerwise_limit"]},
    {"check": ["brutzkus2021-first-layer"]},
    {"check": ["brutzkus2021-representation"]},
]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of three kinds: ``loss`` by d and step, ``error`` by d and m, and ``complexity`` by d."""
    losses, complexity = (
        select(tables["theory"], experiments, quantity=name) for name in ("second_loss", "complexity")
    )
    runs = select(tables["detection"], experiments, training="layerwise_limit")
    runs = like(runs, select(runs, experiments).iloc[0], "task", "n_patterns", "noise")
    bounded = []
    for d, rows in complexity.groupby("d"):
        mean, low, high = mean_interval(rows["value"].to_numpy())
        bounded.append({"d": d, "mean": mean, "low": low, "high": high})
    parts = {
        "loss": losses[["d", "n_train", "step", "value"]].rename(columns={"value": "mean"}),
        "error": summarise_networks(runs),
        "complexity": pd.DataFrame(bounded),
    }
    return pd.concat([part.assign(kind=kind) for kind, part in parts.items()], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The loss, (b) the error with the rate sqrt(d/m), (c) the quantity of the proof with its bound."""
    kinds = {kind: frame[frame["kind"] == kind] for kind in ("loss", "error", "complexity")}
    lengths = sorted({int(d) for kind in ("loss", "error") for d in kinds[kind]["d"]})
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
        found = kinds["complexity"].sort_values("d")
        spread = (found["mean"] - found["low"], found["high"] - found["mean"])
        right.errorbar(found["d"], found["mean"], spread, fmt=".k", markersize=4, elinewidth=0.8)
        right.plot(found["d"], [complexity_bound(int(d)) for d in found["d"]], ":", color="0.5")
        right.set(xlabel="d", ylabel="$R^2 ||\\hat{a}||^2$", title="(c) dotted: bound", yscale="log", ylim=(1, None))
        right.set_xticks(found["d"])
        style.legend(figure, [left], len(lengths))
        style.note(figure, kinds["error"], "Bars: 95 % intervals of the mean.")
    return figure
