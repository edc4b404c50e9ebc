"""How good an initialisation is: the hinge test error of each network, predicted without training.

Ref: wu2019, Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from convbias.figures import style as style
from convbias.statistics.summary import first, mean_interval, select

CAPTION = """
wu2019, Section 6 (extended): how good an initialisation of Model-Conv-k is, for the hinge loss. X-hinge has the same
weights as the hinge loss until the first margin is 1, and its weights have a closed form. (a) The predicted test error
against that after training, for each network. The prediction is the error of the closed form at a mean margin of 1.
Each panel has Spearman's correlation, over the initial weights of one training set, and the mean distance, both
averaged over training sets. (b) The mean distance between three predictions and the trained error, with 95 % intervals
over training sets. The two others are the error at the first margin of 1 and that of the X-hinge limit. (c) The tangent
of the angle between the filter and the limit's v, against the scale b of the initial weights, as a geometric mean over
training sets. At the first margin of 1, it falls with the power of b that the two largest singular values give (dotted
line). At the end of hinge training it hardly falls.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-prediction"]}, {"check": ["wu2019-small-init"]}]
PREDICTIONS = {
    "mean": ("mean margin 1", "conv", "o"),
    "first": ("first margin 1", "xhinge", "s"),
    "limit": ("X-hinge limit", "asymptotics", "^"),
}
STOPS = {"first": ("first margin 1", "xhinge", "s"), "end": ("end of training", "conv", "o")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of four kinds, for each task.

    * ``network``: the prediction and the trained error of one network, at the middle sample size.
    * ``quality``: the mean distance and the mean correlation of one prediction, at each sample size.
    * ``angle``: the geometric mean of the tangent, for each b, at the first margin of 1 or at the end.
    * ``law``: the line of the power through the tangent at the first margin, for each b.
    """
    theory = select(tables["theory"], experiments)
    names = theory["quantity"].astype(str)
    rows: list[dict] = []
    for task in dict.fromkeys(names[names.str.endswith("_mean_gap")].str.slice(len("prediction_"), -len("_mean_gap"))):
        parts = {
            name: first(theory[names == f"prediction_{task}_{name}"], experiments)
            for name in (
                "predicted",
                "trained",
                *(f"{one}_{of}" for one in PREDICTIONS for of in ("gap", "correlation")),
            )
        }
        sizes = sorted(set(parts["mean_gap"]["n_train"]))
        middle = sizes[len(sizes) // 2]
        shown = [parts[name][parts[name]["n_train"] == middle] for name in ("predicted", "trained")]
        for (_, own), (_, other) in zip(shown[0].iterrows(), shown[1].iterrows(), strict=True):
            values = {"predicted": own["value"], "trained": other["value"]}
            rows.append({"kind": "network", "task": task, "n_train": middle, "seed": own["seed"], **values})
        for one in PREDICTIONS:
            for n in sizes:
                gap, correlation = (
                    parts[f"{one}_{of}"]
                    .loc[parts[f"{one}_{of}"]["n_train"] == n, "value"]
                    .dropna()
                    .to_numpy(dtype=float)
                    for of in ("gap", "correlation")
                )
                mean, low, high = mean_interval(gap)
                quality = {"mean": mean, "low": low, "high": high, "networks": len(gap)}
                quality["correlation"] = correlation.mean() if len(correlation) else np.nan
                rows.append({"kind": "quality", "task": task, "n_train": n, "series": one, **quality})
        for stop in STOPS:
            tangents = first(theory[names == f"small_b_{task}_{stop}"], experiments)
            for b, own in tangents.groupby("init_scale"):
                tangent = own["value"].dropna().to_numpy(dtype=float)
                centre, low, high = np.exp(mean_interval(np.log(tangent)))
                rows.append(
                    {
                        "kind": "angle",
                        "task": task,
                        "series": stop,
                        "b": b,
                        "networks": len(tangent),
                        "mean": centre,
                        "low": low,
                        "high": high,
                    }
                )
        angles = [row for row in rows if row["kind"] == "angle" and row["task"] == task and row["series"] == "first"]
        power = first(theory[names == f"small_b_{task}_exponent"], experiments)["value"].astype(float).mean()
        rows += [
            {
                "kind": "law",
                "task": task,
                "b": row["b"],
                "mean": angles[0]["mean"] * (row["b"] / angles[0]["b"]) ** power,
            }
            for row in angles
        ]
    return pd.DataFrame(rows)


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
                line = {"marker": marker, "linestyle": "-" if series == "mean" else "--"}
                rows = quality[quality["series"] == series]
                style.draw(middle, rows, label, style.COLOUR[colour], band=False, **line)
            style.sample_axis(middle, quality["n_train"])
            middle.set_xlabel(style.SAMPLES)
            for series, (label, colour, marker) in STOPS.items():
                rows = own[(own["kind"] == "angle") & (own["series"] == series)]
                line = {"marker": marker, "linestyle": "-" if series == "end" else "--"}
                style.draw(bottom, rows, label, style.COLOUR[colour], band=False, x="b", **line)
            law = own[own["kind"] == "law"].sort_values("b")
            bottom.plot(law["b"], law["mean"], "k:", linewidth=0.8, label="power")
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
