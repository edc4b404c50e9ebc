"""The test error over dimension and signal strength, and the errors that the authors published.

Ref: kou2023, Section 5 (heat map of the test error)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.kou2023.published import ERRORS, MU
from convbias.statistics.samples import first_below
from convbias.statistics.summary import first, select

TITLE = "The test error over dimension and signal strength"
CAPTION = """
Kou, Chen, Chen and Gu (ICML 2023), heat map of the test error. (a) The mean test error as colour, against the strength
of the signal and the dimension d. Points show where it passes 0.4, 0.3 and 0.2, from left to right. Dashed lines grow
like d^(1/4), from the middle of each contour. (b) Lines are our mean test errors, at three dimensions. Points are
numbers that the authors published, each a mean of 10 runs. Labels are flipped with probability 0.1, also in the test
set, so no error is expected below 0.1. Look how far each contour leaves its dashed line, and how close the points are
to the lines.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["kou2023-networks"]}]
LEVELS = (0.2, 0.3, 0.4)
LOOK = {100: ("o", "-"), 590: ("s", "--"), 1090: ("^", ":")}
EVERY = 3  # of the published numbers that are shown


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Cells and contours of the first experiment, our means at the published d, and the published numbers.

    Our means are of another experiment, or else of the first.
    """
    runs = select(tables["theory"], experiments, quantity="network_error")
    cells = _means(first(runs, experiments)).assign(kind="cell")
    contours = []
    for d, rows in cells.groupby("d"):
        mu, means = rows["signal"].to_numpy(), rows[["mean"]].to_numpy()
        found = {level: first_below(mu, means, level)[0] for level in LEVELS}
        contours += [
            {"kind": "contour", "d": d, "level": level, "signal": at} for level, at in found.items() if np.isfinite(at)
        ]
    ours = _means(first(runs[runs["d"].isin(ERRORS)], [*experiments[1:], experiments[0]])).assign(kind="ours")
    published = [
        {"kind": "published", "d": d, "signal": mu, "mean": error}
        for d, row in ERRORS.items()
        for mu, error in zip(MU, row, strict=True)
    ]
    return pd.concat([cells, pd.DataFrame(contours), ours, pd.DataFrame(published)], ignore_index=True)


def _means(runs: pd.DataFrame) -> pd.DataFrame:
    groups = runs.groupby(["d", "signal"])["value"]
    return groups.agg(mean="mean", networks="count").reset_index().assign(left_out=0)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The heat map with its contours. (b) Our means, and the published numbers."""
    with style.style():
        figure, grid = style.axes_grid(1, 2, 2.2, gap=0.05)
        left, right = grid[0]
        cells = frame[frame["kind"] == "cell"].pivot_table(index="d", columns="signal", values="mean")
        image = left.pcolormesh(
            cells.columns, cells.index, cells, cmap="mako_r", vmin=0.1, vmax=0.5, shading="nearest", rasterized=True
        )
        for _, line in frame[frame["kind"] == "contour"].groupby("level"):
            middle = line.iloc[len(line) // 2]
            left.plot(middle["signal"] * (line["d"] / middle["d"]) ** 0.25, line["d"], "w--", linewidth=0.7)
            left.plot(line["signal"], line["d"], "w.", markersize=2)
        left.set(xlabel="signal strength μ", ylabel="dimension d", title="(a)")
        figure.colorbar(image, ax=left, location="top", shrink=0.8, aspect=30).set_label(style.ERROR)
        for colour, (d, (marker, dashes)) in zip(style.shades(len(LOOK)), LOOK.items(), strict=True):
            ours, theirs = (frame[(frame["kind"] == kind) & (frame["d"] == d)] for kind in ("ours", "published"))
            right.plot(ours["signal"], ours["mean"], dashes, color=colour)
            some = theirs.iloc[::EVERY]
            right.plot(some["signal"], some["mean"], color=colour, linestyle="", marker=marker, label=f"d = {d}")
        right.axhline(0.1, color="0.6", linewidth=0.5)
        right.set(xlabel="signal strength μ", ylabel=style.ERROR, title="(b)", ylim=(0, 0.55))
        right.legend(title="published", title_fontsize=6.5)
        style.note(figure, frame.dropna(subset="networks"), "Points in (b): published numbers, each a mean of 10 runs.")
    return figure
