"""Which share of the training sets is linearly separable, against the sample size.

Ref: brutzkus2021, Figure 3 (its caption); Section 7
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import select, share_interval

TITLE = "Figure 3 (b): which training sets are separable"
CAPTION = """
brutzkus2021, Figure 3 (b) and Section 7: the share of training sets that a hyperplane separates, against their size.
(a) Orthogonal patterns with noise, whose law is assumed. (b) Digits. The dotted line is the number of entries of an
input: up to it, points in general position are always separable. Bars are 95 % intervals of the share. From the size at
which a line crosses one half, most training sets are not linearly separable.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["svm"], "trainings": ["max_margin"], "noise": []}]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The share by task, law of the noise and sample size. Training sets without a decision are left out."""
    runs = select(tables["detection"], experiments, model="svm")
    rows = []
    for (task, law, n), part in runs.groupby(["task", "noise_law", "n_train"], sort=False):
        known = part[part["stopped"].isin(["separated", "not_separable"])]
        share, low, high = share_interval((known["stopped"] == "separated").to_numpy(dtype=float))
        entries = int(part["n_patterns"].iloc[0] * part["d"].iloc[0])
        images = part["images"].iloc[0] if task == "digits" else ""
        rows.append([task, images, law, n, share, low, high, len(known), len(part) - len(known), entries])
    columns = ["task", "images", "noise_law", "n_train", "mean", "low", "high", "networks", "left_out", "entries"]
    return pd.DataFrame(rows, columns=columns)


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each task."""
    tasks = sorted(set(frame["task"]), key="digits".__eq__)  # digits last
    with style.style():
        figure, grid = style.axes_grid(1, len(tasks), 2.1, sharey=True)
        for ax, letter, task in zip(grid[0], "ab", tasks, strict=False):
            here = frame[frame["task"] == task].sort_values("n_train")
            laws = [*dict.fromkeys(here["noise_law"])]
            for law, colour, marker in zip(laws, style.shades(len(laws)), style.MARKERS, strict=False):
                rows = here[here["noise_law"] == law]
                name = rows["images"].iloc[0] if task == "digits" else f"noise law: {law}"
                style.draw(ax, rows, name, colour, marker=marker, band=False)
            ax.axvline(here["entries"].iloc[0], color="0.4", linestyle=":", linewidth=1)
            style.sample_axis(ax, pd.concat([here["n_train"], here["entries"]]))
            kind = "digits" if task == "digits" else "orthogonal patterns"
            ax.set(xlabel=style.SAMPLES, title=f"({letter}) {kind}", ylim=(-0.05, 1.05))
        grid[0, 0].set_ylabel("share that is separable")
        style.legend(figure, grid[0], 3)
        style.note(figure, frame, "Bars: 95 % intervals.")
    return figure
