"""Phase diagrams: the test error as colours, as a function of the sample size and one setting."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator

from convbias.figures import style as style
from convbias.statistics.samples import first_below
from convbias.stops import UNFINISHED

HALO = withStroke(linewidth=2, foreground="white")  # keeps black lines visible on dark cells
TARGET = 0.05  # the sample sizes that reach this error are drawn over the colours
LINE: dict[str, dict[str, Any]] = {
    "theory": {"color": "black", "linewidth": 0.8},
    "best": {
        "color": style.COLOUR["best"],
        "linestyle": "",
        "marker": "s",
        "markersize": 3.5,
        "markerfacecolor": "none",
    },
    "needed": {"color": "black", "linestyle": "", "marker": ".", "markersize": 3},
}
SETTING = {
    "k": "filter size k",
    "d": "input length d",
    "init_scale": "initial scale b",
    "n_patterns": "patterns per input n",
}
MODEL = {"one_layer": "Model-1-Layer", "conv": "Model-Conv", "limit": "X-hinge limit"}


def cells_and_crossings(
    groups: Iterable[pd.DataFrame],
    setting: str,
    needed_by_theory: list[str],
    predict: Callable[[pd.Series], float] = lambda cell: np.inf,
) -> pd.DataFrame:
    """The frame that ``plot`` draws, from groups of rows of networks.

    Args:
        groups: rows of networks.
        setting: the setting on the vertical axis.
        needed_by_theory: other columns that ``predict`` reads.
        predict: the sample size at which theory predicts the error ``TARGET`` in a cell; infinite if it predicts none.
    """
    cells = _summarise(groups, setting, needed_by_theory)
    return pd.concat([cells.assign(kind="cell"), _crossings(cells, setting, predict)], ignore_index=True)


def _summarise(groups: Iterable[pd.DataFrame], setting: str, also: list[str]) -> pd.DataFrame:
    """The mean test error of each cell: by task, model, the setting, the columns ``also``, and sample size.

    Networks that diverged or did not finish are excluded; ``left_out`` counts them.
    """
    by = list(dict.fromkeys(["task", "model", setting, *also, "n_train"]))
    sums = []
    for rows in groups:
        done = ~rows["stopped"].isin(UNFINISHED)
        counts = rows[by].assign(networks=done, left_out=~done, total=rows["test_error"].where(done, 0))
        sums.append(counts.groupby(by, sort=False).sum())
    table = pd.concat(sums).groupby(by, sort=False).sum().reset_index()
    return table.assign(mean=table.pop("total") / table["networks"].where(table["networks"] > 0))


def _crossings(cells: pd.DataFrame, setting: str, predict: Callable[[pd.Series], float]) -> pd.DataFrame:
    """The sample size with a mean error of ``TARGET`` at each value of the setting: measured (needed) and in theory."""
    crossings = []
    for (task, model, value), rows in cells.dropna(subset="mean").groupby(["task", "model", setting], sort=False):
        cell, ordered = {"task": task, "model": model, setting: value}, rows.sort_values("n_train")
        sizes, means = ordered["n_train"].to_numpy(float), ordered[["mean"]].to_numpy()
        needed = first_below(sizes, means, TARGET)[0] if len(sizes) > 1 else np.inf
        for kind, n_train in (("needed", needed), ("theory", predict(ordered.iloc[0]))):
            if np.isfinite(n_train):
                crossings.append({**cell, "kind": kind, "n_train": n_train})
    return pd.DataFrame(crossings)


def best(frame: pd.DataFrame, setting: str) -> pd.DataFrame:
    """The value of the setting with the lowest mean error, for each task, model and sample size; the first of several.

    A model with one value of the setting has none.
    """
    cells = frame[frame["kind"] == "cell"].dropna(subset="mean").sort_values([setting])
    several = cells.groupby(["task", "model"])[setting].transform("nunique") > 1
    lowest = cells[several].groupby(["task", "model", "n_train"], sort=False)["mean"].idxmin()
    return cells.loc[lowest, ["task", "model", setting, "n_train"]].assign(kind="best")


def plot(frame: pd.DataFrame, setting: str) -> Figure:
    """A grid of panels: a column for each task, a row for each model. A row of cells is a value of the setting.

    A model with one value has a low panel without that axis, if others have several.
    """
    cells = frame[frame["kind"] == "cell"]
    tasks, models = (list(dict.fromkeys(cells[name])) for name in ("task", "model"))
    values = {model: sorted(set(cells.loc[cells["model"] == model, setting])) for model in models}
    most = max(values.values(), key=len)
    values = {model: own if len(own) == 1 else most for model, own in values.items()}  # one: it has no such setting
    heights = [0.35 if len(own) < len(most) else 1.25 for own in values.values()]
    image: Any = None
    with style.style():
        figure, grid = style.axes_grid(
            len(models), len(tasks), 0.7 + sum(heights), sharex="col", sharey="row", height_ratios=heights
        )
        for row, model in zip(grid, models, strict=True):
            name, low = MODEL.get(model) or style.model(model), len(values[model]) < len(most)
            for ax, task in zip(row, tasks, strict=True):
                here = frame[(frame["task"] == task) & (frame["model"] == model)]
                image = _panel(ax, here, setting, values[model]) or image
                if low:
                    ax.set(title=name, yticks=[])
            if not low:
                row[0].set_ylabel(f"{name}\n{SETTING[setting]}")
        for ax, task in zip(grid[0], tasks, strict=True):
            ax.set_title("\n".join([style.TASK.get(task, task), *filter(None, [ax.get_title()])]))
        grid[-1, len(tasks) // 2].set_xlabel(style.SAMPLES)
        if len(tasks) > 1:  # the panels are narrow
            for ax in grid.flat:
                ax.xaxis.set_major_locator(LogLocator(numticks=20))
        bar = figure.colorbar(image, ax=grid, shrink=0.8, aspect=30, pad=0.02)
        bar.set_label(style.ERROR)
        named = {
            "needed": f"error {TARGET:g}, measured",
            "theory": f"error {TARGET:g}, theory",
            "best": f"best {setting}",
        }
        handles = [
            grid[0, 0].plot([], [], **LINE[kind], label=label)[0]
            for kind, label in named.items()
            if kind in set(frame["kind"])
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=1.4, columnspacing=1.2)
        trained = cells[cells["model"] != "limit"]
        style.note(
            figure, trained, f"Means over at most {int((cells['networks'] + cells['left_out']).max())} training sets."
        )
    return figure


def _panel(ax: Axes, frame: pd.DataFrame, setting: str, values: list[float]) -> QuadMesh | None:
    cells = frame[frame["kind"] == "cell"]
    if cells.empty:  # no experiment has this model on this task
        ax.set_visible(False)
        return None
    table = cells.pivot_table(index=setting, columns="n_train", values="mean", dropna=False)
    rows = table.reindex(values)
    sizes = table.columns.to_numpy(float)
    image = ax.pcolormesh(_edges(sizes), np.arange(len(values) + 1) - 0.5, rows, cmap="mako_r", vmin=0, vmax=0.5)
    ax.set_facecolor("0.85")
    at = {value: place for place, value in enumerate(values)}
    for kind, line in LINE.items():
        points = frame[frame["kind"] == kind].sort_values(setting)
        places = [at[value] for value in points[setting]]
        needed = points["n_train"].to_numpy(float)
        ax.plot(needed, places, **line, path_effects=[HALO])
    style.sample_axis(ax, pd.Series(sizes))
    ax.set_xlim(*_edges(sizes)[[0, -1]])
    ax.set_yticks(range(len(values)), [f"{value:g}" for value in values])
    return image


def _edges(sizes: np.ndarray) -> np.ndarray:
    """The edges of cells around sample sizes on a logarithmic axis."""
    if len(sizes) == 1:
        return sizes[0] * np.array([0.8, 1.25])
    middle = np.sqrt(sizes[1:] * sizes[:-1])
    return np.array([sizes[0] ** 2 / middle[0], *middle, sizes[-1] ** 2 / middle[-1]])
