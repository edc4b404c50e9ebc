"""Inputs of a detection task as pictures."""

from math import isqrt

import numpy as np
import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convbias.figures import style as style
from convbias.statistics.summary import select

CLASS = {1: ("positive", "conv_pool"), -1: ("negative", "mlp")}  # name of the class, and colour of its frames


def pixels(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """One row per pixel of the examples of an experiment, row by row from the top left of a pattern."""
    rows = select(tables["examples"], experiments[:1]).explode("pixels", ignore_index=True)
    rows["pixel"] = rows.groupby(["sample", "place"]).cumcount()
    return rows.rename(columns={"pixels": "value"}).astype({"value": float}).fillna({"images": ""})


def plot(frame: pd.DataFrame, note: str) -> Figure:
    """One row of inputs per class. The patterns of an input form a square, and the discriminative one has a frame."""
    places, height = int(frame["place"].max()) + 1, int(frame["height"].iloc[0])
    across = isqrt(places) if isqrt(places) ** 2 == places else places
    columns = int(frame.groupby("y")["sample"].nunique().max())
    limit = abs(frame["value"]).max()
    with style.style():
        figure, grid = style.axes_grid(2, columns, style.WIDTH / columns * 1.75 + 0.3, gap=0.16)
        for axes, (y, (name, colour)) in zip(grid, CLASS.items(), strict=True):
            inputs = frame[frame["y"] == y].groupby("sample", sort=True)
            for ax, (_, rows) in zip(axes, inputs, strict=False):
                patterns = rows["value"].to_numpy().reshape(places, height, -1)
                width = patterns.shape[2]
                padded = np.pad(patterns, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)  # a line between patterns
                picture = padded.reshape(-1, across, height + 1, width + 1).transpose(0, 2, 1, 3)
                ax.imshow(
                    picture.reshape(-1, across * (width + 1))[:-1, :-1],
                    cmap="gray_r" if frame["value"].min() >= 0 else "PuOr",
                    vmin=min(0, -limit if frame["value"].min() < 0 else 0),
                    vmax=limit,
                    interpolation="nearest",
                )
                ax.add_collection(_boxes(places, across, height, width))
                row, column = divmod(int(rows.loc[rows["role"] != 0, "place"].iloc[0]), across)
                corner = (column * (width + 1) - 1, row * (height + 1) - 1)
                frame_of = {"fill": False, "color": style.COLOUR[colour], "linewidth": 1.2, "clip_on": False}
                ax.add_patch(Rectangle(corner, width + 1, height + 1, **frame_of))
            axes[0].set_ylabel(name)
        for ax in grid.flat:
            ax.set(xticks=[], yticks=[])
            for spine in ax.spines.values():
                spine.set_visible(False)
        figure.supxlabel(note, fontsize=6, color="0.3")
    return figure


def _boxes(places: int, across: int, height: int, width: int) -> PatchCollection:
    """A thin box around each pattern, in the middle of the blank lines between patterns."""
    corners = [(place % across * (width + 1) - 1, place // across * (height + 1) - 1) for place in range(places)]
    boxes = [Rectangle(corner, width + 1, height + 1) for corner in corners]
    return PatchCollection(boxes, facecolor="none", edgecolor="0.6", linewidth=0.4, clip_on=False)
