"""ConvPool trained layer by layer beside ConvPool trained by Adam, by the number of training samples.

Ref: brutzkus2021, Section 7 (layer-wise training performs very similarly to standard training)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import _style as style
from convbias.summary import select, summarise_detectors

TABLES = ("patterns",)
NEEDS = [
    {"models": ["conv_pool"], "trainings": ["adam"]},
    {"models": ["conv_pool"], "trainings": ["layerwise", "layerwise_limit"]},
]
TRAINING = {
    "adam": ("Adam", "conv_pool"),
    "layerwise": ("Algorithm 1", "layerwise"),
    "layerwise_limit": ("Algorithm 1, $T_2 = \\infty$", "layerwise_limit"),
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of ConvPool, by how it was trained."""
    return summarise_detectors(select(tables["patterns"], experiments, model="conv_pool"))


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each bound on the noise."""
    levels = sorted(set(frame["noise"]))
    with style.style():
        figure, grid = style.axes_grid(1, len(levels), 2.3, sharey=True)
        for ax, level in zip(grid[0], levels, strict=True):
            here = frame[frame["noise"] == level]
            for training, (label, colour) in TRAINING.items():
                style.draw(ax, here[here["training"] == training], style.COLOUR[colour], label)
            style.sample_axis(ax, here["n_train"])
            ax.set(xlabel=style.SAMPLES, title=f"noise of norm ≤ {level:g}" if level else "no noise", ylim=(0, 0.5))
        grid[0, 0].set_ylabel(f"{style.ERROR}, ConvPool")
        style.legend(figure, grid[0], 3)
        style.note(figure, frame)
    return figure
