"""Two variants that the paper does not show: a fully connected network with two layers, and the cross-entropy loss.

Ref: wu2019, Section 1 and Footnote 4
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import first, like, mean_interval, select
from convbias.stops import UNFINISHED

TITLE = "Section 1 and footnote 4: two layers, cross entropy"
CAPTION = """
wu2019, Section 1 and footnote 4: how much two variants, which the paper tried and does not show, change the test error.
Each value is the error of the variant minus that of the usual network on the same training set, against the number of
training samples. Top: the fully connected linear network with two layers minus Model-1-Layer, both with the hinge loss.
Bottom: Model-Conv-k with the cross-entropy loss, for a fixed number of steps, minus Model-Conv-k with the hinge loss.
Points are means with 95 % (Student) intervals. Bands reach from the 10 % to the 90 % quantile over training sets. A
point below 0 means that the variant is better, and a bar across 0 that the variant may change nothing.
"""
TABLES = ("linear",)
REQUIRED_SETTINGS = [
    {"models": ["one_layer"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["two_layer"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["conv"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["conv"], "losses": ["cross_entropy"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
]
# pair: the variant and the usual network, each as model and loss; label; look
PAIRS = {
    "two layers": (("two_layer", "hinge"), ("one_layer", "hinge"), "2 layers - 1 layer", "two_layer"),
    "cross entropy": (("conv", "cross_entropy"), ("conv", "hinge"), "cross entropy - hinge", "cross_entropy"),
}
NETWORK = ["task", "n_train", "seed", "init_seed"]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The mean difference of each pair, at the tasks and sizes that both of its series have.

    Each series comes from the first experiment that has it. All have the settings of the first experiment.
    """
    linear, rows = select(tables["linear"], experiments), []
    own = linear[linear["experiment"] == experiments[0]].iloc[0]
    linear = like(linear, own, "d", "k", "learning_rate", "init_scale")
    for name, (variant, usual, *_) in PAIRS.items():
        one, other = (
            first(linear[(linear["model"] == model) & (linear["loss"] == loss)], experiments)
            .drop_duplicates(NETWORK)
            .assign(lost=lambda runs: runs["stopped"].isin(UNFINISHED))[[*NETWORK, "test_error", "lost"]]
            for model, loss in (variant, usual)
        )
        for (task, n_train), both in one.merge(other, on=NETWORK).groupby(["task", "n_train"], sort=False):
            lost = both[["lost_x", "lost_y"]].to_numpy()
            errors = both.loc[~lost.any(axis=1), ["test_error_x", "test_error_y"]]
            difference = (errors["test_error_x"] - errors["test_error_y"]).to_numpy()
            mean, low, high = mean_interval(difference)
            p10, p90 = np.quantile(difference, [0.1, 0.9]) if len(difference) else (np.nan, np.nan)
            ends = {"mean": mean, "low": low, "high": high, "p10": p10, "p90": p90}
            counts = {"networks": lost.size - int(lost.sum()), "left_out": int(lost.sum())}
            rows.append({"pair": name, "task": task, "k": int(own["k"]), "n_train": n_train, **ends, **counts})
    return pd.DataFrame(rows)


def plot(frame: pd.DataFrame) -> Figure:
    """A row of panels for each pair."""
    with style.style():
        figure, axes = style.task_axes(frame, len(PAIRS), 3.2, [1] * len(PAIRS))
        for task, column in axes.items():
            for ax, (name, (*_, label, look)) in zip(column, PAIRS.items(), strict=True):
                ax.axhline(0, color="0.3", linewidth=0.8, linestyle=":")
                style.draw(ax, frame[(frame["task"] == task) & (frame["pair"] == name)], label, **style.look(look))
        left = next(iter(axes.values()))
        for ax, (*_, label, _) in zip(left, PAIRS.values(), strict=True):
            ax.set_ylabel(f"difference of errors\n{label}")
        style.note(figure, frame, "Band: 10 % to 90 % of training sets; bars: 95 % interval of the mean.")
    return figure
