"""How good an initialisation is: the hinge test error of each network, predicted without training.

Ref: wu2019, Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from convbias.figures import style as style
from convbias.statistics.summary import first, mean_interval, select

TITLE = "Section 6: how good an initialisation is"
CAPTION = """
wu2019, Section 6 (extended): predictions of the test error of Model-Conv-k from its initial weights, before training
with the hinge loss. X-hinge has the same weights as the hinge loss until the first margin is 1, and its weights have a
closed form. (a) The predicted test error against that after training, for each network. The prediction is the error of
the closed form at a mean margin of 1. Each panel has Spearman's correlation, over the initial weights of one training
set, and the mean distance, both averaged over training sets. (b) The mean distance between three predictions and the
trained error, with 95 % intervals over training sets. The two others are the error at the first margin of 1 and that of
the X-hinge limit. (c) The tangent of the angle between the filter and the limit's v, against the scale b of the initial
weights, as a geometric mean over training sets. At the first margin of 1, it falls with the power of b that the two
largest singular values give (dotted line). At the end of hinge training it hardly falls. Small distances in (b) mean
that the closed form predicts the error of a trained network.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-prediction"]}, {"check": ["wu2019-small-init"]}]
PREDICTIONS = {
    "mean": ("mean margin 1", "conv", "o"),
    "first": ("first margin 1", "xhinge", "s"),
    "limit": ("X-hinge limit", "asymptotics", "^"),
}
ENDS = ["mean", "low", "high"]
STOPS = {"first": ("first margin 1", "xhinge", "s"), "end": ("end of training", "conv", "o")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of four kinds, for each task.

    * ``network``: the prediction and the trained error of one network, at the middle sample size.
    * ``quality``: the mean distance and the mean correlation of one prediction, at each sample size.
    * ``angle``: the geometric mean of the tangent, for each b, at the first margin of 1 or at the end.
    * ``law``: the line of the power through the tangent at the first margin, for each b.
    """
    theory = select(tables["theory"], experiments).astype({"value": float})
    names = theory["quantity"].astype(str)

    def values(name: str) -> pd.DataFrame:
        return first(theory[names == name], experiments)[["n_train", "seed", "init_scale", "value"]]

    parts = []
    for task in dict.fromkeys(names[names.str.endswith("_mean_gap")].str.slice(len("prediction_"), -len("_mean_gap"))):
        predicted, trained = (
            values(f"prediction_{task}_{name}").rename(columns={"value": name}) for name in ("predicted", "trained")
        )
        networks = predicted.merge(trained.drop(columns="init_scale"), on=["n_train", "seed"])
        sizes = sorted(set(networks["n_train"]))
        own = [networks[networks["n_train"] == sizes[len(sizes) // 2]].assign(kind="network")]
        for one in PREDICTIONS:
            correlations = values(f"prediction_{task}_{one}_correlation").groupby("n_train")["value"].mean()
            quality = means(values(f"prediction_{task}_{one}_gap"), "n_train").assign(correlation=correlations)
            own.append(quality.assign(series=one, kind="quality").reset_index())
        for stop in STOPS:
            tangents = values(f"small_b_{task}_{stop}")
            angles = means(tangents.assign(value=np.log(tangents["value"])), "init_scale")
            angles[ENDS] = np.exp(angles[ENDS])
            own.append(angles.assign(series=stop, kind="angle").reset_index())
            if stop == "first":
                power, start = values(f"small_b_{task}_exponent")["value"].mean(), own[-1].iloc[0]
                law = start["mean"] * (own[-1]["init_scale"] / start["init_scale"]) ** power
                own.append(own[-1][["init_scale"]].assign(mean=law, kind="law"))
        parts.append(pd.concat(own).assign(task=task))
    return pd.concat(parts, ignore_index=True)


def means(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The mean over training sets with its interval, and their number, for each value of ``by``."""
    groups = rows.groupby(by)["value"]
    found = {at: mean_interval(own.dropna().to_numpy()) for at, own in groups}
    return pd.DataFrame.from_dict(found, "index", columns=ENDS).rename_axis(by).assign(networks=groups.count())


def plot(frame: pd.DataFrame) -> Figure:
    """A column for each task, a row for each of (a), (b) and (c)."""
    tasks = list(dict.fromkeys(frame["task"]))
    with style.style():
        figure, grid = style.axes_grid(3, len(tasks), 4.6, sharey="row")
        for task, (top, middle, bottom) in zip(tasks, grid.T, strict=True):
            own = frame[frame["task"] == task]
            networks, quality = own[own["kind"] == "network"], own[own["kind"] == "quality"]
            top.axline((0, 0), slope=1, color="0.6", linewidth=0.6, linestyle=":")
            top.plot(
                networks["trained"], networks["predicted"], ".", color=style.COLOUR["conv"], markersize=2, alpha=0.6
            )
            n = networks["n_train"].iloc[0]
            (best,) = quality[(quality["series"] == "mean") & (quality["n_train"] == n)].to_dict("records")
            top.set_title(f"{style.TASK.get(task, task)}, n = {n:g}", fontsize=6)
            quoted = f"ρ = {best['correlation']:.2f}\ndistance {best['mean']:.3f}"
            top.text(0.98, 0.02, quoted, transform=top.transAxes, ha="right", va="bottom", fontsize=5.5)
            top.set_xlabel("trained error")
            for series, (label, colour, marker) in PREDICTIONS.items():
                rows, dashes = quality[quality["series"] == series], "-" if series == "mean" else "--"
                style.draw(middle, rows, label, style.COLOUR[colour], band=False, marker=marker, linestyle=dashes)
            style.sample_axis(middle, quality["n_train"])
            middle.set_xlabel(style.SAMPLES)
            for series, (label, colour, marker) in STOPS.items():
                rows = own[(own["kind"] == "angle") & (own["series"] == series)]
                style.draw(
                    bottom,
                    rows,
                    label,
                    style.COLOUR[colour],
                    band=False,
                    x="init_scale",
                    marker=marker,
                    linestyle="-" if series == "end" else "--",
                )
            law = own[own["kind"] == "law"].sort_values("init_scale")
            bottom.plot(law["init_scale"], law["mean"], "k:", linewidth=0.8, label="power")
            bottom.set(xscale="log", yscale="log", xlabel="initial scale b")
            bottom.xaxis.set_major_locator(LogLocator(numticks=4))
            bottom.xaxis.set_minor_formatter(NullFormatter())
        for ax, label in zip(
            grid[:, 0], ("(a) predicted error", "(b) mean distance", "(c) tan angle(w₁, v)"), strict=True
        ):
            ax.set_ylabel(label)
        style.row_legend(grid[1], 3)
        style.row_legend(grid[2], 3)
        sets = frame.groupby("kind")["networks"].max()
        counted = f"Bars: 95 % intervals over {sets['quality']:.0f} training sets in (b), {sets['angle']:.0f} in (c)."
        figure.supxlabel(counted, fontsize=6, color="0.3")
    return figure
