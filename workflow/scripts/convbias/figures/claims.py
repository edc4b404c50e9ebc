"""A figure with all claims of a paper: estimate, interval, threshold and verdict."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convbias.claims.words import bounds, interval, violations
from convbias.figures import style as style

CAPTION = """
The claims of {paper}: an estimate of each claim, with its 95 % interval, next to the claimed range (shaded).
Each row has its own scale. Verdicts are at the 5 % level after Holm's correction over all statistical claims. We fixed
each threshold before the run. A verdict is robust if it is the same under all tested values of the settings that the
paper does not give.
"""
TABLES = ("claims",)
REQUIRED_SETTINGS: list[dict[str, list]] = []

NOTE = (
    "Bars: 95 % intervals of one sub-test of each claim, each on its own scale. Verdicts are at the 5 % level\n"
    "after Holm's correction over all statistical claims. Robust: same verdict under all tested settings."
)
END: dict[str, Any] = {"va": "center", "ha": "right"}
PAGE = 6.9  # inches, the width of the text of a page
ROW = 0.27
COLUMNS = ["id", "where", "statement", "kind", "verdict", "shown", "estimate", "low", "high", "above", "below"]
COLUMNS += ["sample", "left_out", "cases", "violations", "detail", "p_value", "p_holm", "robust", "figure"]


def data(tables: dict[str, pd.DataFrame], claims: list[str]) -> pd.DataFrame:
    """The claims in this order, each with its deciding estimate on its own scale.

    The columns ``at``, ``from`` and ``to`` are the estimate and the ends of its interval on that scale, from -1 to 1. A
    claim with one bound states that the estimate is above 0. A claim with two bounds states that the estimate is
    between -1/2 and 1/2.
    """
    rows = tables["claims"].set_index("id").loc[claims].reset_index()[COLUMNS]
    two_sided = rows["above"].notna() & rows["below"].notna()
    middle = rows[["above", "below"]].mean(axis=1)  # of two bounds, or the only bound
    apart = (rows["below"] - rows["above"]).where(two_sided)
    reach = rows[["estimate", "low", "high"]].sub(middle, axis=0).abs().replace(np.inf, np.nan).max(axis=1)
    sign = np.where(two_sided | rows["above"].notna(), 1, -1)
    scale = apart.fillna(reach.where(reach > 0, 1)) * sign
    for place, value in {"at": "estimate", "from": "low", "to": "high"}.items():
        rows[place] = ((rows[value] - middle) / scale).clip(-1, 1)
    return rows.assign(two_sided=two_sided)


def plot(frame: pd.DataFrame) -> Figure:
    """A row for each claim: its statement, its interval next to the claimed range, the numbers and the verdict."""
    with style.style():
        figure = Figure(figsize=(PAGE, ROW * len(frame) + 0.75), dpi=400)
        top, bottom = 1 - 0.3 / figure.get_figheight(), 0.4 / figure.get_figheight()
        left, middle, right = (
            figure.add_axes((start, bottom, width, top - bottom))
            for start, width in ((0.01, 0.41), (0.43, 0.2), (0.645, 0.345))
        )
        for ax in (left, middle, right):
            ax.set(ylim=(len(frame) - 0.5, -0.5), xlim=(0, 1) if ax is not middle else (-1.06, 1.06))
            ax.axis("off")
        for y, row in enumerate(frame.to_dict("records")):
            colour = style.VERDICT[row["verdict"]]
            for ax in (left, middle, right):
                ax.axhline(y + 0.5, color="0.9", linewidth=0.4, clip_on=False)
            name = row["id"].split("-", 1)[1]
            left.text(0, y, fill(f"{name}: {row['statement']}", 74), va="center", fontsize=5)
            _interval(middle, y, row, colour)
            right.text(0, y, fill(_numbers(row), 42), va="center", fontsize=5)
            robust = {True: "robust", False: "not robust"}.get(row["robust"], "")
            right.text(1, y - 0.17 * bool(robust), row["verdict"], **END, fontsize=5.5, color=colour, weight="bold")
            right.text(1, y + 0.2, robust, **END, fontsize=5, color="0.35")
        counts = frame["verdict"].value_counts()
        verdicts = ", ".join(f"{verdict}: {counts.get(verdict, 0)}" for verdict in style.VERDICT)
        height = figure.get_figheight()
        figure.text(0.01, 1 - 0.15 / height, verdicts, fontsize=7, va="center", weight="bold")
        figure.text(
            0.53, 1 - 0.15 / height, "estimate, and claimed range (shaded)", fontsize=6, ha="center", va="center"
        )
        figure.text(0.5, 0.02 / height, NOTE, ha="center", va="bottom", fontsize=6, color="0.3")
    return figure


def _interval(ax: Axes, y: int, row: dict, colour: str) -> None:
    """The claimed range as a shaded area, the estimate as a point with its interval."""
    if np.isnan(row["at"]) or np.isnan(row["from"]):
        exact = "exact check" if row["cases"] > 0 else ""
        ax.text(0, y, exact, ha="center", va="center", fontsize=5, color="0.5", style="italic")
        return
    start, end = (-0.5, 0.5) if row["two_sided"] else (0, 1)
    ax.fill_between([start, end], y - 0.36, y + 0.36, color="0.91", linewidth=0)
    ax.plot([row["from"], row["to"]], [y, y], color=colour, linewidth=1.2, solid_capstyle="butt")
    beyond = {-1: "<", 1: ">"}.get(row["at"], "o")
    ax.plot(row["at"], y, beyond, color=colour, markersize=3)


def _numbers(row: dict) -> str:
    """The estimate and the claimed range, in numbers."""
    if not isinstance(row["shown"], str):
        return "insufficient data"
    if np.isnan(row["low"]):
        return violations(int(row["violations"]), int(row["cases"]), row["detail"])
    estimate = interval(row["estimate"], row["low"], row["high"])
    return f"{estimate}, {bounds(row['above'], row['below'])} ({row['shown']})"
