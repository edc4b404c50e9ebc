"""Test error of ConvPool trained layer by layer and with Adam, against the number of training samples.

Ref: brutzkus2021, Section 7 (layer-wise training performs very similarly to standard training)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Section 7: trained layer by layer"
CAPTION = """
brutzkus2021, Section 7: test error of ConvPool trained layer by layer (Algorithm 1) and with Adam, against the number
of training samples. Algorithm 1 has the step sizes of Theorem 5.1 but fewer channels than it requires, and each layer
sees half of the training set. With T_2 = infinity, the second layer is the classifier of maximum margin on the features
(Equations 24, 25). Lines are means, bands reach from the 10 % to the 90 % quantile, and bars are 95 % intervals of the
mean. Bottom: the proportion of networks that misclassify a training sample. Algorithm 1 can do so because its second
layer sees one half of the samples and takes a fixed number of steps. Lines that coincide mean that layer-wise training
performs like Adam.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [
    {"models": ["conv_pool"], "trainings": ["adam"]},
    {"models": ["conv_pool"], "trainings": ["layerwise", "layerwise_limit"]},
]
TRAINING = {
    "adam": ("Adam", "conv_pool"),
    "layerwise": ("Algorithm 1", "layerwise"),
    "layerwise_limit": ("Algorithm 1, $T_2 = \\infty$", "layerwise_limit"),
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of ConvPool for each kind of training."""
    return summarise_networks(select(tables["detection"], experiments, model="conv_pool"))


def plot(frame: pd.DataFrame) -> Figure:
    """Top: a panel for each noise level. Bottom: the proportion of networks that misclassify a training sample."""
    levels = sorted(set(frame["noise"]))
    with style.style():
        figure, grid = style.axes_grid(2, len(levels), 3.0, sharex="col", sharey="row", height_ratios=[3, 1])
        for (ax, bottom), level in zip(grid.T, levels, strict=True):
            here = frame[frame["noise"] == level]
            for (training, (label, looks)), shift in zip(TRAINING.items(), style.shifts(len(TRAINING)), strict=True):
                rows = here[here["training"] == training].sort_values("n_train")
                style.draw(ax, rows, label, shift=shift, **style.look(looks))
                bottom.plot(rows["n_train"], rows["not_fitted"], **style.look(looks))
            for each in (ax, bottom):
                style.sample_axis(each, here["n_train"])
            bottom.set_xlabel(style.SAMPLES)
            ax.set(title=f"noise of norm ≤ {level:g}" if level else "no noise", ylim=(0, 0.6))
        grid[0, 0].set_ylabel(f"{style.ERROR}, ConvPool")
        grid[1, 0].set(ylabel="not fitted", ylim=(-0.05, 1.05))
        style.legend(figure, grid[0], 3)
        style.note(figure, frame)
    return figure
