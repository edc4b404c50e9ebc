"""The paper's statements under other values of the two settings that it does not give: the learning rate and b.

Ref: wu2019, Section 4
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.convergence import convergence
from convbias.statistics.summary import like, mean_interval, rank_correlation, select, share_interval, spread_ratio
from convbias.stops import UNFINISHED

TITLE = "Section 4: settings that the paper does not give"
CAPTION = """
wu2019, Section 4: the paper's statements for several scales b of the initial weights and several learning rates, which
the paper does not give. Each row of panels is one statement as a statistic over training sets, with its 95 % interval.
A line of a panel is a task with a number of training samples. The first column has the assumed settings, and the others
change b or the learning rate. From top to bottom: (1) The error of Model-1-Layer minus that of Model-Conv-k (conv). (2)
The hinge test error minus the SVD estimate. (3) The proportion of training sets on which the SVD estimate is at most
the hinge test error. (4) The standard deviation of the hinge test error over training sets and initial weights, divided
by that of the SVD estimate over training sets. (5) The X-hinge test error after training minus the SVD estimate. (6)
The rank correlation of Figure 6 (b), with speeds over equal products of steps and learning rate. A statement holds to
the right of the dotted line; statement (5) holds on it. Look for statements whose side of the line changes from one
column to another.
"""
TABLES = ("linear", "trajectories", "asymptotics")
REQUIRED_SETTINGS = [  # None: that of the first experiment
    {"models": ["one_layer"], "losses": ["hinge"], "learning_rate": None, "init_scale": None, "record_every": [0]},
    {"models": ["conv"], "losses": ["hinge"], "learning_rate": None, "init_scale": None, "record_every": [0]},
    {"models": ["conv"], "losses": ["xhinge"], "learning_rate": None, "init_scale": None, "record_every": [0]},
    {"models": ["conv"], "losses": ["hinge", "xhinge"], "record_every": []},
    {"asymptotics": [True]},
]
SETTING = ["learning_rate", "init_scale"]
# statement: title, statistic, dotted line
STATEMENTS = {
    "advantage": ("conv generalises better", "error of 1 layer - conv", 0),
    "limit": ("SVD beats hinge loss", "error of hinge - SVD", 0),
    "optimistic": ("SVD estimate is optimistic", "Pr(SVD ≤ hinge)", 0.5),
    "spread": ("hinge loss varies more", "SD hinge / SD SVD", 1),
    "xhinge": ("X-hinge reaches its limit", "error of X-hinge - SVD", 0),
    "speed": ("X-hinge speed predicts hinge error", "Spearman's ρ", 0),
}
LOOKS: dict[bool, list[dict[str, Any]]] = {  # of one setting, and of several in a column
    False: [{"color": "black", "marker": "o"}],
    True: [
        {"color": style.COLOUR["one_layer"], "marker": "<"},
        {"color": style.COLOUR["conv"], "marker": ">", "markerfacecolor": "white"},
        {"color": style.COLOUR["xhinge"], "marker": "D"},
        {"color": style.COLOUR["primitive"], "marker": "s", "markerfacecolor": "white"},
    ],
}

# statement: its statistic, and the errors that it compares on the same training sets
OVER_TRAINING_SETS: dict[str, tuple] = {
    "advantage": (lambda one, conv: mean_interval(one - conv), "one_layer_hinge", "conv_hinge"),
    "limit": (lambda conv, svd: mean_interval(conv - svd), "conv_hinge", "svd"),
    "optimistic": (lambda conv, svd: share_interval(svd <= conv), "conv_hinge", "svd"),
    "spread": (lambda conv, svd: spread_ratio(conv, svd).interval(), "conv_hinge", "svd"),
    "xhinge": (lambda xhinge, svd: mean_interval(xhinge - svd), "conv_xhinge", "svd"),
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """One row per statement, setting, task and sample size: a statistic with its 95 % interval.

    A setting is a learning rate with a b. ``own`` marks the setting of the first experiment, which the others vary.
    Experiments that record trajectories are used for the last statement only. The other statements are over training
    sets, for each task and sample size that every setting has. Networks that several experiments share are taken once.

    Raises:
        ValueError: no task and size is common to all settings, or none has the setting of the first experiment.
    """
    steps = select(tables["trajectories"], experiments, model="conv")
    runs = select(tables["linear"], experiments)
    limits = select(tables["asymptotics"], experiments)
    own = runs[runs["experiment"] == experiments[0]].iloc[0]
    runs, limits = (like(rows, own, "d", "k") for rows in (runs, limits))
    recorded = runs["experiment"].isin(steps["experiment"])
    rows = [*_over_training_sets(runs[~recorded], limits), *_over_weights(runs[recorded], steps)]
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else SETTING)
    frame = frame.assign(own=(frame[SETTING] == own[SETTING]).all(axis=1))
    if not frame["own"].any():
        raise ValueError(
            "wu2019-sensitivity needs one_layer and conv with hinge, and conv with xhinge, all at the learning rate "
            f"and initial scale of the first experiment; given: {', '.join(experiments)}"
        )
    return frame


def _over_training_sets(runs: pd.DataFrame, limits: pd.DataFrame) -> Iterator[dict]:
    key = ["task", "n_train", "seed"]
    table = limits.drop_duplicates(key)[[*key, "test_error"]].rename(columns={"test_error": "svd"})
    for model, loss in (("one_layer", "hinge"), ("conv", "hinge"), ("conv", "xhinge")):
        rows = runs[(runs["model"] == model) & (runs["loss"] == loss)].drop_duplicates([*key, *SETTING])
        error = rows["test_error"].mask(rows["stopped"].isin(UNFINISHED))
        table = table.merge(rows[[*key, *SETTING]].assign(**{f"{model}_{loss}": error}))
    settings = len(table[SETTING].drop_duplicates())
    for (task, n_train), cell in table.groupby(["task", "n_train"], sort=False):
        parts = list(cell.groupby(SETTING, sort=False))
        for setting, rows in parts if len(parts) == settings else ():
            where = {**dict(zip(SETTING, setting, strict=True)), "task": task, "n_train": n_train}
            lost = int(rows.isna().to_numpy().sum())
            counts = {"networks": 3 * len(rows) - lost, "left_out": lost}
            for statement, (statistic, *series) in OVER_TRAINING_SETS.items():
                interval = statistic(*rows[series].dropna().to_numpy().T)
                yield {"statement": statement, **where, **_named(interval), **counts}


def _over_weights(runs: pd.DataFrame, trajectories: pd.DataFrame) -> Iterator[dict]:
    cell = ["task", "n_train", *SETTING]
    runs = runs[(runs["model"] == "conv") & runs["loss"].isin(["hinge", "xhinge"])]
    runs = runs.drop_duplicates([*cell, "loss", "seed", "init_seed"])
    pairs = convergence(runs, trajectories).merge(runs[["experiment", *SETTING]].drop_duplicates())
    for place, rows in runs.groupby(cell, sort=False):
        where = dict(zip(cell, place, strict=True))
        mine = like(pairs, pd.Series(where), *cell)
        interval = rank_correlation(*(mine[name].to_numpy() for name in ("speed", "hinge_error", "seed"))).interval()
        lost = int(rows["stopped"].isin(UNFINISHED).sum())
        yield {"statement": "speed", **where, **_named(interval), "networks": len(rows) - lost, "left_out": lost}


def _named(interval: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("mean", "low", "high"), interval, strict=True))


def plot(frame: pd.DataFrame) -> Figure:
    """A forest plot: rows are statements and training sets, and columns are settings that change."""
    drawn = frame.dropna(subset="mean")
    columns = _columns(drawn)
    statements = {name: rows for name in STATEMENTS if len(rows := drawn[drawn["statement"] == name])}
    cells = {name: list(dict.fromkeys(_cells(rows))) for name, rows in statements.items()}
    sizes = [len(own) for own in cells.values()]
    with style.style():
        figure, grid = style.axes_grid(
            len(cells),
            len(columns),
            0.9 + 0.08 * sum(sizes) + 0.33 * len(sizes),
            sharex="row",
            sharey="row",
            height_ratios=[size + 0.5 for size in sizes],
        )
        for axes, (statement, own) in zip(grid, cells.items(), strict=True):
            title, label, turn = STATEMENTS[statement]
            room = "\n\n\n\n" if axes[0] is grid[0, 0] else ""  # for the names of the columns, which are wider
            axes[len(columns) // 2].set_title(f"{room}{title}: {label}", pad=3)
            axes[0].set_yticks(range(len(own)), [f"{style.TASK.get(task, task)}, {n}" for task, n in own], fontsize=5)
            axes[0].set_ylim(len(own) - 0.4, -0.6)
            for ax, (_, settings) in zip(axes, columns, strict=True):
                ax.axvline(turn, color="0.3", linewidth=0.8, linestyle=":")
                ax.grid(linewidth=0.3, color="0.9")
                ax.tick_params(labelsize=5.5, length=1.5)
                moved = np.linspace(-0.2, 0.2, len(settings)) if len(settings) > 1 else [0.0]
                for (name, rows), look, move in zip(settings, cycle(LOOKS[len(settings) > 1]), moved, strict=False):
                    mine = rows[rows["statement"] == statement]
                    ax.errorbar(
                        mine["mean"],
                        [own.index(cell) + move for cell in _cells(mine)],
                        xerr=(mine["mean"] - mine["low"], mine["high"] - mine["mean"]),
                        label=name,
                        linestyle="",
                        elinewidth=0.7,
                        **look,
                    )
        for ax, (heading, _) in zip(grid[0], columns, strict=True):
            names = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "borderaxespad": 2.2, "handletextpad": 0.2}
            ax.legend(title=heading, title_fontsize=7, **names).set_in_layout(False)
        counts = frame[frame["statement"].isin(["advantage", "speed"])]
        style.note(figure, counts, "Bars: 95 % intervals. Dotted: where the statement turns.")
    return figure


def _cells(rows: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(rows["task"], rows["n_train"], strict=True))


def _columns(frame: pd.DataFrame) -> list[tuple[str, list[tuple[str, pd.DataFrame]]]]:
    """The settings of each column from left to right: a heading, and for each setting its name and its rows."""
    settings = frame[[*SETTING, "own"]].drop_duplicates().sort_values(SETTING)
    own = settings[settings["own"]].iloc[0]
    same = settings[SETTING] == own[SETTING]
    columns = (
        ("as assumed", "b = {init_scale:g}\nα = {learning_rate:g}", settings["own"]),
        ("other b", "b = {init_scale:g}", same["learning_rate"] & ~same["init_scale"]),
        ("other α", "α = {learning_rate:g}", same["init_scale"] & ~same["learning_rate"]),
        ("both differ", "b = {init_scale:g}, α = {learning_rate:g}", ~same["learning_rate"] & ~same["init_scale"]),
    )
    return [
        (
            heading,
            [
                (name.format(**setting), frame[(frame[SETTING] == pd.Series(setting)[SETTING]).all(axis=1)])
                for setting in settings[chosen].to_dict("records")
            ],
        )
        for heading, name, chosen in columns
        if chosen.any()
    ]
