"""The look of all figures: one column wide, the papers' names, and one colour and one marker for each model.

The colours are safe for colour-blind readers. Lines in the same panel also differ in marker or style, so that black and
white prints are readable.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter
from matplotlib.transforms import offset_copy

from convbias.registry import names

WIDTH = 3.35  # inches: one column of AISTATS
_BLUE, _ORANGE, _GREEN, _VERMILION, _PURPLE, _BROWN, _, _GREY, _, _SKY = sns.color_palette("colorblind").as_hex()
_WINE, _OLIVE = "#882255", "#999933"  # instead of the palette's pink and yellow, which are too light for a line
COLOUR = {
    "one_layer": _BLUE,
    "conv": _VERMILION,
    "xhinge": _GREEN,
    "asymptotics": "black",
    "exact": "black",
    "gaussian": _PURPLE,
    "not_separated": _ORANGE,
    "two_layer": _ORANGE,
    "hinge": _VERMILION,
    "cross_entropy": _PURPLE,
    "err_1": _ORANGE,
    "err_2": _GREEN,
    "primitive": _PURPLE,
    "best": _VERMILION,
    "conv_pool": _VERMILION,
    "mlp": _BLUE,
    "svm": _GREEN,
    "layerwise": _PURPLE,
    "layerwise_limit": "black",
}
MARKER = {
    "one_layer": "s",
    "conv": "o",
    "xhinge": "D",
    "two_layer": "v",
    "hinge": "o",
    "cross_entropy": "D",
    "conv_pool": "o",
    "mlp": "s",
    "svm": "^",
    "layerwise": "D",
    "layerwise_limit": "v",
}
TASK = {"cls": "Task-Cls", "first_person": "Task-1stCtrl", "third_person": "Task-3rdCtrl"}
MODEL = {
    "conv_pool": "ConvPool",
    "mlp": "MLP",
    "svm": "SVM",
    "avg_pool": "average pooling",
    "max_no_relu": "maximum without ReLU",
    "leaky_fc": "network of Eq. 8, SGD",
}
TASK_LOOK: dict[str, dict[str, Any]] = {
    "cls": {"color": _SKY},
    "first_person": {"color": _BROWN, "markerfacecolor": "white"},
    "third_person": {"color": "black"},
}
MARKERS = "osD^vx"
SAMPLES = "training samples"
ERROR = "test error"
SMALL = 0.001  # smaller errors are on the linear part of a logarithmic axis
METADATA: dict[str, Any] = {  # of each file format: no date and no version, so that the bytes are the same each time
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}
MANY = 2000  # an SVG holds lines and clouds of more points as pixels: every point of an SVG is text


def look(name: str) -> dict[str, Any]:
    """Colour and marker of a model or a way to train it, the same in all figures.

    Models that no paper has get the remaining colours and markers in turn.
    """
    if name in COLOUR:
        return {"color": COLOUR[name], "marker": MARKER.get(name, "")}
    others = [model for kind in ("linear.models", "detection.models") for model in names(kind) if model not in COLOUR]
    left = [(_BROWN, "P"), (_SKY, "X"), (_WINE, "*"), (_OLIVE, "<"), (_GREY, ">")]
    return dict(zip(("color", "marker"), left[others.index(name) % len(left)], strict=True))


def model(name: str) -> str:
    """The name of a model in figures, or its own name in capitals."""
    return MODEL.get(name, name.replace("_", " ").upper())


@contextmanager
def style() -> Iterator[None]:
    """The matplotlib settings of every figure."""
    small = {"font.size": 7, "axes.titlesize": 7, "axes.labelsize": 7, "legend.fontsize": 6.5}
    ticks = {
        "xtick.labelsize": 6.5,
        "ytick.labelsize": 6.5,
        "xtick.major.size": 2,
        "ytick.major.size": 2,
        "xtick.minor.size": 1.2,
    }
    lines = {
        "lines.linewidth": 1.0,
        "lines.markersize": 2.2,
        "lines.markeredgewidth": 0.6,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
    }
    rc: Any = {**small, **ticks, **lines, "pdf.fonttype": 42, "legend.frameon": False}
    with sns.axes_style("ticks"), matplotlib.rc_context(rc):
        yield


def axes_grid(rows: int, columns: int, height: float, gap: float = 0.02, **shared: Any) -> tuple[Figure, np.ndarray]:
    """A figure one column wide with axes of shape (row, column); ``gap`` is a fraction of the size of an axes."""
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=gap, hspace=gap)
    figure = Figure(figsize=(WIDTH, height), layout=layout, dpi=400)
    grid = figure.subplots(rows, columns, squeeze=False, **shared)
    for ax in grid.flat:
        sns.despine(ax=ax)
    return figure, grid


def sample_axis(ax: Axes, sizes: pd.Series) -> None:
    """A logarithmic axis for these sample sizes, or other whole numbers."""
    ax.set_xscale("log")
    ax.set_xlim(0.78 * sizes.min(), 1.28 * sizes.max())  # points may be shifted
    subs = (1, 3) if sizes.max() <= 60 * sizes.min() else (1,)
    ax.xaxis.set_major_locator(LogLocator(subs=subs, numticks=20))  # without numticks, a narrow panel has no ticks
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.xaxis.set_minor_locator(LogLocator(subs="all", numticks=20))
    ax.xaxis.set_minor_formatter(NullFormatter())


def error_axis(ax: Axes, highest: float = 0.6) -> None:
    """A logarithmic axis of errors from ``SMALL`` on, linear from there down to 0, so that zeros are at the bottom."""
    ax.set_yscale("symlog", linthresh=SMALL, linscale=0.4)
    ax.set_ylim(0, highest)
    ax.set_yticks([0, 0.001, 0.01, 0.1, 0.5], ["0", "0.001", "0.01", "0.1", "0.5"])
    ax.yaxis.set_minor_locator(FixedLocator([digit * power for power in (0.001, 0.01, 0.1) for digit in range(2, 10)]))
    ax.axhline(SMALL, color="0.8", linewidth=0.4)


def shades(count: int) -> list[str]:
    """Colours for the values of a parameter, in order."""
    return list(sns.color_palette("flare", count).as_hex())


def task_axes(frame: pd.DataFrame, rows: int, height: float, ratios: list[float]) -> tuple[Figure, dict]:
    """A grid with a column for each task, in the order of the frame; titles name the tasks."""
    tasks = list(dict.fromkeys(frame["task"]))
    figure, grid = axes_grid(rows, len(tasks), height, sharex="col", sharey="row", height_ratios=ratios)
    for letter, task, ax in zip("abcdefgh", tasks, grid[0], strict=False):
        ax.set_title(f"({letter}) {TASK.get(task, task)}")
    panels = dict(zip(tasks, grid.T, strict=True))
    for task, column in panels.items():
        for ax in column:
            sample_axis(ax, frame.loc[frame["task"] == task, "n_train"])
        column[-1].set_xlabel(SAMPLES)
    return figure, panels


def draw(
    ax: Axes,
    rows: pd.DataFrame,
    label: str,
    color: str,
    band: bool = True,
    x: str = "n_train",
    shift: float = 0.0,
    **line: Any,
) -> None:
    """A mean with its 95 % interval as bars and, if ``band`` is true, the 10 % to 90 % quantiles as a band.

    ``shift`` moves the points to the right by so many typographic points. Their numbers stay the same.
    """
    rows = rows.sort_values(x)
    at, mean = rows[x], rows["mean"]
    if band:
        ax.fill_between(at, rows["p10"], rows["p90"], color=color, alpha=0.18, linewidth=0)
    lines = ax.plot(at, mean, color=color, label=label, **line)
    bars = ax.errorbar(
        at,
        mean,
        yerr=(mean - rows["low"], rows["high"] - mean),
        fmt="none",
        ecolor=color,
        elinewidth=0.8,
        capsize=1.2,
        capthick=0.6,
    )
    if shift:  # last, because matplotlib takes the limits of the axes from artists that are not moved
        for artist in (*lines, *bars.get_children()):
            artist.set_transform(offset_copy(ax.transData, ax.get_figure(root=True), x=shift, units="points"))


def shifts(count: int, by: float = 2.0) -> list[float]:
    """The ``shift`` of each of several series, so that no point hides another one at the same place."""
    return [by * (place - (count - 1) / 2) for place in range(count)]


def bounds(ax: Axes, at: pd.Series, low: pd.Series, high: pd.Series, label: str, color: str) -> None:
    """An exact quantity between two bounds: a thin line in the middle of a band."""
    low, high = low.to_numpy(), high.to_numpy()
    ax.fill_between(at, low, high, color=color, alpha=0.4, linewidth=0)
    ax.plot(at, (low + high) / 2, color=color, linewidth=0.7, label=label)


def legend(figure: Figure, axes: Sequence[Axes] | np.ndarray, columns: int) -> None:
    """One legend above all panels; it names every line of the panels ``axes``."""
    named = {label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(
        list(named.values()),
        list(named),
        loc="outside upper center",
        ncols=columns,
        handlelength=1.8,
        columnspacing=1.2,
    )


def row_legend(axes: Sequence[Axes] | np.ndarray, columns: int) -> None:
    """One legend above a row of panels; a blank title makes room for it."""
    middle = axes[len(axes) // 2]
    middle.set_title(" ")
    middle.legend(
        loc="lower center", bbox_to_anchor=(0.5, 0.97), ncols=columns, borderaxespad=0, columnspacing=1.2
    ).set_in_layout(False)


def note(figure: Figure, trained: pd.DataFrame, bars: str = "") -> None:
    """Below the figure, the meaning of its bars and the number of networks; ``trained`` are the rows with networks.

    ``bars`` describes bands and bars, if they are not those of ``draw``.
    """
    networks, left_out = int(trained["networks"].sum()), int(trained["left_out"].sum())
    most = int((trained["networks"] + trained["left_out"]).max())
    fate = f"{left_out:,} more excluded (diverged or did not finish)." if left_out else "none excluded."
    bars = bars or f"Band: 10 % to 90 % of {most} training sets; bars: 95 % interval of the mean."
    figure.supxlabel(f"{bars}\n{networks:,} trained networks; {fate}", fontsize=6, color="0.3")


def write(figure: Figure, file: Path | BytesIO, file_format: str) -> None:
    """Write a figure in one of the formats of ``METADATA``. In an SVG, everything with ``MANY`` points is pixels."""
    large = [artist for artist in figure.findobj(_has_many_points) if file_format == "svg"]
    for artist in large:
        artist.set_rasterized(True)
    with matplotlib.rc_context({"svg.hashsalt": "convbias"}):
        figure.savefig(file, format=file_format, metadata=METADATA[file_format])
    for artist in large:
        artist.set_rasterized(False)


def _has_many_points(artist: Any) -> bool:
    if isinstance(artist, Line2D):
        return np.size(artist.get_xdata()) > MANY
    if isinstance(artist, Collection):
        vertices = sum(len(np.asarray(path.vertices)) for path in artist.get_paths())
        return max(vertices, len(np.asarray(artist.get_offsets()))) > MANY
    return False
