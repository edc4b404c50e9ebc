"""The number of samples that Model-Conv-k needs for a given error, against the filter size.

Ref: wu2019, Section 3.3.2 (sample complexity)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from convbias.figures import style as style
from convbias.papers.wu2019.theory.neighbours import uncovered_error_approximation
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias.statistics.samples import crossing
from convbias.statistics.summary import first, like, select, summarise
from convbias.stops import UNFINISHED

TITLE = "Section 3.3.2: samples by filter size"
CAPTION = """
wu2019, Section 3.3.2: the samples that Model-Conv-k needs on Task-Cls, for several filter sizes k. (a) The SVD estimate
of the error (Theorem 2) against the number of training samples. Points are means with 95 % intervals, and lines the
predicted term 1/2 ((d-2k+1)/d)^n. The axis of errors is logarithmic down to 0.001 and linear from there to 0. (b) The
samples needed for the error at the dotted line of (a), which is assumed, against k. Points show the SVD estimate and
networks trained with the hinge loss, by interpolation of the mean error, with 95 % (bootstrap) intervals. The solid
line is the prediction, and the dotted line a saving of exactly 2k-1. Points above the solid line mean that a larger
filter saves fewer samples than predicted.
"""
TABLES = ("linear", "asymptotics")
REQUIRED_SETTINGS = [
    {"tasks": ["cls"], "models": ["conv"], "losses": ["hinge"], "d": None, "learning_rate": None, "init_scale": None},
    {"tasks": ["cls"], "asymptotics": [True], "d": None},
]
TARGET = 0.05  # the error for which (b) shows the samples needed
SERIES = {"asymptotics": "SVD estimate", "hinge": "hinge loss"}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of two kinds, on Task-Cls and with the settings of the first experiment except k.

    ``curve``: the mean error for each k and n. Each k comes from the first experiment that has it. ``needed``: the
    samples needed for each k, measured and as Section 3.3.2 predicts.
    """
    trained = select(tables["linear"], experiments, task="cls", model="conv", loss="hinge").assign(series="hinge")
    limits = select(tables["asymptotics"], experiments, task="cls").assign(series="asymptotics")
    own = select(tables["linear"], experiments[:1]).iloc[0]
    d, rows = int(own["d"]), []
    for runs in (like(limits, own, "d"), like(trained, own, "d", "learning_rate", "init_scale")):
        runs = pd.concat(first(part, experiments) for _, part in runs.groupby("k"))
        rows.append(summarise(runs, ["series", "d", "k", "n_train"]).assign(kind="curve"))
        finished = runs[~runs["stopped"].isin(UNFINISHED)] if "stopped" in runs else runs
        for (series, k), part in finished.groupby(["series", "k"]):
            sizes = {n: errors.to_numpy() for n, errors in part.groupby("n_train")["test_error"]}
            value, low, high = crossing(np.array(list(sizes)), list(sizes.values()), TARGET).interval()
            rows.append(pd.DataFrame([{"series": series, "k": k, "mean": value, "low": low, "high": high}]))
    largest = int(max(part["k"].max() for part in rows))
    predicted = {k: samples_needed(d, k, TARGET) for k in range(1, largest + 1) if 2 * k - 1 < d}
    rows.append(pd.DataFrame({"series": "predicted", "k": list(predicted), "mean": list(predicted.values())}))
    return pd.concat(rows, ignore_index=True).assign(d=d).fillna({"kind": "needed"})


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The SVD estimate against n for each k, with the prediction; (b) the samples needed against k."""
    curves, needed = frame[frame["kind"] == "curve"], frame[frame["kind"] == "needed"]
    d = int(frame["d"].iloc[0])
    ks = sorted(set(curves.loc[curves["series"] == "asymptotics", "k"]))
    shades = dict(zip(ks, style.shades(len(ks)), strict=True))
    with style.style():
        figure, ((left, right),) = style.axes_grid(1, 2, 2.5)
        for k in ks:
            rows = curves[(curves["k"] == k) & (curves["series"] == "asymptotics")]
            n_train = np.arange(1, int(rows["n_train"].max()) + 1)
            left.plot(n_train, uncovered_error_approximation(d, k, n_train), color=shades[k], linewidth=0.6)
            style.draw(left, rows, f"k = {k}", shades[k], band=False, linestyle="", marker=".", markersize=3)
        left.axhline(TARGET, color="0.6", linewidth=0.6, linestyle=":")
        left.set(xlabel=style.SAMPLES, ylabel=f"{style.ERROR}, SVD estimate", title="(a)")
        style.error_axis(left)
        style.sample_axis(left, curves["n_train"])
        style.legend(figure, [left], 3)
        predicted = needed[needed["series"] == "predicted"]
        right.plot(predicted["k"], predicted["mean"], "k-", linewidth=0.8, label="predicted")
        saving = predicted["mean"].iloc[0] / (2 * predicted["k"] - 1)
        right.plot(predicted["k"], saving, ":", color="0.5", label="n(k=1) / (2k - 1)")
        for series, label in SERIES.items():
            rows = needed[needed["series"] == series]
            spread = (rows["mean"] - rows["low"], rows["high"] - rows["mean"])
            look = {**style.look("conv" if series == "hinge" else "xhinge"), "linestyle": "", "markersize": 3}
            right.errorbar(rows["k"], rows["mean"], spread, elinewidth=0.8, label=label, **look)
        right.set(
            xlabel="filter size k", ylabel=f"samples for error {TARGET:g}", xscale="log", yscale="log", title="(b)"
        )
        right.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        right.yaxis.set_major_formatter("{x:.0f}")
        right.set_xticks(ks, [str(k) for k in ks])
        for axis in (right.xaxis, right.yaxis):
            axis.set_minor_formatter(NullFormatter())
        right.legend(loc="lower left", fontsize=5.5, handlelength=1.4, borderaxespad=0)
        trained = curves[curves["series"] == "hinge"]
        style.note(figure, trained, "Bars: 95 % intervals, (a) of the mean, (b) by bootstrap.")
    return figure
