"""Two variants that the paper does not show: a fully connected network with two layers, and the cross-entropy loss.

Ref: wu2019, Section 1 and Footnote 4
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import first, like, select, summarise

TITLE = "Section 1 and footnote 4: two layers, cross entropy"
CAPTION = """
wu2019, Section 1 and footnote 4: test error of two variants that the paper tried and does not show, against the number
of training samples. Top: the fully connected linear network with two layers and Model-1-Layer, both trained with the
hinge loss. Bottom: Model-Conv-k trained with the cross-entropy loss for a fixed number of steps, and with the hinge
loss. Lines are means, bands one standard deviation to either side, and bars 95 % (Student) intervals of the mean. Two
lines that coincide mean that the variant changes nothing.
"""
TABLES = ("linear",)
REQUIRED_SETTINGS = [
    {"models": ["one_layer"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["two_layer"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["conv"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["conv"], "losses": ["cross_entropy"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
]
# row, model, loss, label, line style
SERIES = [
    (0, "one_layer", "hinge", "Model-1-Layer", "-"),
    (0, "two_layer", "hinge", "fully connected, 2 layers", "--"),
    (1, "conv", "hinge", "Model-Conv-{k}, hinge", "-"),
    (1, "conv", "cross_entropy", "Model-Conv-{k}, cross entropy", "--"),
]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of the four series, at the tasks and sizes that both series of a row have.

    Each series comes from the first experiment that has it. All have the settings of the first experiment.
    """
    linear, frames = select(tables["linear"], experiments), []
    linear = like(
        linear, linear[linear["experiment"] == experiments[0]].iloc[0], "d", "k", "learning_rate", "init_scale"
    )
    for row in (0, 1):
        pair = [(model, loss) for place, model, loss, *_ in SERIES if place == row]
        runs = [
            first(linear[(linear["model"] == model) & (linear["loss"] == loss)], experiments) for model, loss in pair
        ]
        shared = runs[0][["task", "n_train"]].drop_duplicates().merge(runs[1][["task", "n_train"]].drop_duplicates())
        frames += [part.merge(shared) for part in runs]
    by = ["experiment", "task", "model", "loss", "d", "k", "learning_rate", "init_scale", "n_train"]
    return summarise(pd.concat(frames), by)


def plot(frame: pd.DataFrame) -> Figure:
    """Top: models without a convolution layer. Bottom: losses of the model with a convolution layer."""
    with style.style():
        figure, axes = style.task_axes(frame, 2, 3.7, [1, 1])
        for task, column in axes.items():
            for row, model, loss, label, dashes in SERIES:
                here = frame[(frame["task"] == task) & (frame["model"] == model) & (frame["loss"] == loss)]
                name = label.format(k=int(frame["k"].iloc[0]))
                style.draw(column[row], here, name, **style.look(model if row == 0 else loss), linestyle=dashes)
        for axes_row in zip(*axes.values(), strict=True):
            axes_row[0].set_ylabel(style.ERROR)
            axes_row[0].set_ylim(0, None)
        tops, bottoms = zip(*axes.values(), strict=True)
        style.row_legend(bottoms, 2)
        style.legend(figure, tops, 2)
        style.note(figure, frame)
    return figure
