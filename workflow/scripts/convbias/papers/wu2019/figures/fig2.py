"""Test error of Model-1-Layer and Model-Conv-k trained with the hinge loss, against the sample size.

Ref: wu2019, Figure 2
"""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.statistics.summary import select, summarise

TITLE = "Figure 2: one layer against one convolution layer"
CAPTION = """
wu2019, Figure 2: test error on the whole dataset, against the number of training samples (logarithmic axis).
Model-Conv-k is a linear classifier with one convolution layer, and Model-1-Layer one without. Both are trained by
full-batch gradient descent on the hinge loss until the training loss is 0. Lines are means. Bands reach from the 10 %
to the 90 % quantile over training sets, and bars are 95 % (Student) intervals of the mean. The dashed line is the exact
expectation 1/2 ((d-1)/d)^n of the error of Model-1-Layer. Bottom: Model-Conv-k for several scales b of the initial
weights, which are uniform in [-b, b]. Compare the gap between the two models with the effect of b.
"""
TABLES = ("linear",)
REQUIRED_SETTINGS = [{"models": ["one_layer", "conv"], "losses": ["hinge"]}]
EXACT = ("cls", "first_person")  # tasks on which the one-layer error is known exactly
SYMBOL = {"init_scale": "b", "learning_rate": "α", "k": "k", "d": "d"}
DASHES = (":", "--", "-.")  # of the other initial scales


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of all experiments, the first being the figure's own, and the exact error of Model-1-Layer."""
    runs = select(tables["linear"], experiments, loss="hinge")
    frame = summarise(runs, ["experiment", "task", "model", "d", "k", "learning_rate", "init_scale", "n_train"])
    frame = frame.assign(main=frame["experiment"] == experiments[0])
    curves = [frame]
    for task, rows in frame[frame["main"] & frame["task"].isin(EXACT)].groupby("task", sort=False):
        d = int(rows["d"].iloc[0])
        n_train = np.arange(1, rows["n_train"].max() + 1)
        exact = {
            "task": task,
            "model": "exact",
            "d": d,
            "n_train": n_train,
            "mean": one_layer_error(d, n_train),
            "main": True,
        }
        curves.append(pd.DataFrame(exact))
    return pd.concat(curves, ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """Top: the paper's figure. Bottom: Model-Conv-k for several scales b of the initial weights."""
    measured = frame[frame["model"] != "exact"]
    lines = _experiments(measured)
    name = f"Model-Conv-{int(measured['k'].iloc[0])}"
    with style.style():
        figure, axes = style.task_axes(measured, 2, 3.7, [1, 1])
        for task, (top, bottom) in axes.items():
            here = frame[frame["task"] == task]
            main, conv = here[here["main"]], here[here["model"] == "conv"]
            style.draw(top, main[main["model"] == "one_layer"], "Model-1-Layer", **style.look("one_layer"))
            style.draw(top, main[main["model"] == "conv"], name, **style.look("conv"))
            exact = main[main["model"] == "exact"]
            top.plot(exact["n_train"], exact["mean"], "k--", linewidth=0.7, label="Model-1-Layer, exact")
            for (experiment, (label, dashes)), shift in zip(lines.items(), style.shifts(len(lines)), strict=True):
                rows = conv[conv["experiment"] == experiment]
                style.draw(bottom, rows, label, band=False, shift=shift, **style.look("conv"), linestyle=dashes)
        tops, bottoms = zip(*axes.values(), strict=True)
        tops[0].set_ylabel(style.ERROR)
        bottoms[0].set_ylabel(f"{style.ERROR}, {name}")
        style.row_legend(bottoms, 3)
        tops[0].set_ylim(0, None)
        bottoms[0].set_ylim(0, None)
        style.legend(figure, tops, 3)
        style.note(figure, measured)
    return figure


def _experiments(measured: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """A label and a line style for each experiment. Labels give b, and the settings that differ between experiments."""
    table = measured.drop_duplicates("experiment").set_index("experiment").sort_values("init_scale", kind="stable")
    shown = [column for column in SYMBOL if column == "init_scale" or len(set(table[column])) > 1]
    others = cycle(DASHES)
    return {
        str(name): (", ".join(f"{SYMBOL[key]} = {row[key]:g}" for key in shown), "-" if row["main"] else next(others))
        for name, row in table.iterrows()
    }
