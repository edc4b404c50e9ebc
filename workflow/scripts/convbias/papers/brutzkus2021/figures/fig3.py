"""Test error of ConvPool, MLP and SVM against the number of training samples.

Ref: brutzkus2021, Figure 3
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Figure 3: ConvPool, MLP and SVM"
CAPTION = """
brutzkus2021, Figure 3: test error against the number of training samples. The models are ConvPool, an MLP with as many
parameters, and the hard-margin linear SVM. (a) Orthogonal patterns. (b) Noise on each pattern. (c) Detection of a three
or a five among other digits. Lines are means, bands reach from the 10 % to the 90 % quantile, and bars are 95 %
intervals of the mean. An interval is Student's over repeats, but at least as wide as that of all test samples together.
Bottom: the proportion of networks that misclassify a training sample. For the SVM this is a property of the data,
decided by linear programming; the classifier then has the least total slack. Compare how many samples each model needs
for the same error.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool", "mlp", "svm"], "trainings": ["adam", "max_margin"]}]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of all experiments, in their order."""
    runs = [select(tables["detection"], [name]) for name in experiments]
    parts = [summarise_networks(rows[rows["training"].isin(REQUIRED_SETTINGS[0]["trainings"])]) for rows in runs]
    return pd.concat(parts, ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """Top: a panel for each experiment. Bottom: the proportion of networks that misclassify a training sample."""
    panels = list(dict.fromkeys(zip(frame["experiment"], frame["task"], strict=True)))
    with style.style():
        figure, grid = style.axes_grid(2, len(panels), 3.0, sharex="col", sharey="row", height_ratios=[3, 1])
        for letter, (experiment, task), (top, bottom) in zip("abcdefgh", panels, grid.T, strict=False):
            here = frame[(frame["experiment"] == experiment) & (frame["task"] == task)]
            groups = list(here.groupby("model", sort=False))
            for (model, rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
                style.draw(top, rows, style.model(model), shift=shift, **style.look(model))
                rows = rows.sort_values("n_train")
                bottom.plot(rows["n_train"], rows["not_fitted"], **style.look(model))
            top.set_title(f"({letter}) {_title(here.iloc[0])}", fontsize=6)
            for ax in (top, bottom):
                style.sample_axis(ax, here["n_train"])
            bottom.set_xlabel(style.SAMPLES)
        grid[0, 0].set(ylabel=style.ERROR, ylim=(0, 0.55))
        grid[1, 0].set(ylabel="not fitted", ylim=(-0.05, 1.05))
        style.legend(figure, grid[0], 3)
        style.note(figure, frame)
    return figure


def _title(row: pd.Series) -> str:
    if row["images"]:
        return str(row["images"])
    return "orthogonal patterns" if not row["noise"] else f"noise of norm ≤ {row['noise']:g}"
