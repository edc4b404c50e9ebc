"""How many times as many samples a locally connected network needs, against the number of patches.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024)
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from convbias.figures import style as style
from convbias.statistics.samples import crossing
from convbias.statistics.summary import Bootstrap, select
from convbias.stops import UNFINISHED

TITLE = "What locality costs without weight sharing"
CAPTION = """
Lahoti, Karp, Winston, Singh and Li (ICLR 2024), extended: the samples that a locally connected network (LCN) needs, as
a multiple of those of another network, against the number k of patches. (a) Against shared filters (CNN or ConvPool).
Grey is the range that the authors report: about 10 to 20 times. (b) Against a fully connected network (MLP). Above the
line at 1, locality alone is worse than full connection. The networks with sums are the authors', and need a risk 0.03
above the best. The networks with maxima need a test error of 0.2. The noise is constant, or scales like 1/sqrt(k), as
the proofs need. All axes are logarithmic, and bars are 95 % (bootstrap) intervals. Compare the sums with the grey band,
and see at which k the lines in (b) cross 1.
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [
    {"tasks": ["dynamic_signal"], "models": ["conv_pool", "lcn", "mlp"], "trainings": ["adam"]},
    {"check": ["lahoti2024-networks"]},
]
ERROR, EXCESS = 0.2, 0.03  # the test error and the excess risk for which the samples are compared
REPORTED = (10, 20)
LOOK: dict[str, dict[str, Any]] = {
    "sums, constant noise": {"color": "#0072b2", "marker": "o"},
    "sums, noise scaled": {"color": "#56b4e9", "marker": "s"},
    "maxima, constant noise": {"color": "#d55e00", "marker": "D"},
    "maxima, noise scaled": {"color": "#e69f00", "marker": "^"},
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The ratio for each series and number of patches. The noise of k = 8 or 20 belongs to both series."""
    networks = select(tables["detection"], experiments, task="dynamic_signal", training="adam")
    networks = networks[~networks["stopped"].isin(UNFINISHED)]
    theory = select(tables["theory"], experiments)
    results = []
    for name, runs, column, target, value, others in (
        ("maxima", networks, "model", ERROR, "test_error", {"conv_pool": "lcn", "mlp": "lcn"}),
        ("sums", theory, "quantity", EXCESS, "value", {"cnn_excess": "lcn_excess"}),
    ):
        runs = runs[runs[column].isin({*others, *others.values()})]
        if runs.empty:
            continue
        own = runs[runs["experiment"] == next(e for e in experiments if e in set(runs["experiment"]))].iloc[0]
        runs = runs[runs["d"] == own["d"]]
        for noise, here in (("constant noise", runs["noise"] == own["noise"]), ("noise scaled", _scaled(runs, own))):
            for k, rows in runs[here].groupby("n_patterns"):
                needed = {model: _needed(part, value, target) for model, part in rows.groupby(column, observed=True)}
                for other, local in others.items():
                    pair = needed[local], needed[other]
                    with np.errstate(invalid="ignore"):
                        ratio = Bootstrap(pair[0].estimate / pair[1].estimate, pair[0].samples / pair[1].samples)
                    mean, low, high = (end if np.isfinite(end) else np.nan for end in ratio.interval())
                    at = {"series": f"{name}, {noise}", "other": "fully connected" if other == "mlp" else "shared"}
                    counts = {"n_patterns": k, "networks": len(rows), "left_out": 0}
                    results.append({**at, **counts, "mean": mean, "low": low, "high": high})
    return pd.DataFrame(results)


def _scaled(runs: pd.DataFrame, own: pd.Series) -> pd.Series:
    expected = own["noise"] * np.sqrt(own["n_patterns"] / runs["n_patterns"])
    return abs(runs["noise"] / expected - 1) < 0.01


def _needed(rows: pd.DataFrame, value: str, target: float) -> Bootstrap:
    errors = {n: part.to_numpy() for n, part in rows.groupby("n_train")[value]}
    return crossing(np.array(list(errors)), list(errors.values()), target)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) Against shared filters, (b) against full connection."""
    with style.style():
        figure, grid = style.axes_grid(1, 2, 2.6)
        for letter, ax, other in zip("ab", grid[0], ("shared", "fully connected"), strict=True):
            here = frame[frame["other"] == other]
            if other == "shared":
                ax.axhspan(*REPORTED, color="0.9", zorder=0)
            else:
                ax.axhline(1, color="0.6", linewidth=0.8, zorder=0)
            for series, look in LOOK.items():
                rows = here[here["series"] == series].dropna(subset="mean")
                if len(rows):
                    style.draw(ax, rows, series, band=False, x="n_patterns", **look)
            numbers = sorted(set(here["n_patterns"]))
            ax.set(xscale="log", yscale="log", xlabel="patches k", ylabel=f"samples of LCN / {other}")
            ax.set_title(f"({letter})")
            shown = numbers[:: 1 + len(numbers) // 6]
            ax.set_xticks(shown, [f"{number:g}" for number in shown])
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_formatter(NullFormatter())
            ax.xaxis.set_minor_locator(NullLocator())
        style.legend(figure, [grid[0, 0]], 2)
        style.note(figure, frame, "Bars: 95 % intervals, by bootstrap.")
    return figure
