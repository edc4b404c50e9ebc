"""Model-1-Layer against Model-Conv-k: test error after hinge training, by sample size.

Ref: wu2019, Figure 2
"""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.statistics.summary import select, summarise

CAPTION = """
wu2019, Figure 2. Test error on the whole dataset after full-batch gradient descent on the hinge loss until the training
loss is 0, for a linear classifier without (Model-1-Layer) and with one convolution layer (Model-Conv-k), against the
number of training samples (logarithmic axis). Lines are means, bands one standard deviation to either side, bars 95 %
(Student) intervals of the mean. Dashed: the exact expectation 1/2 ((d-1)/d)^n of the one-layer error. Below: how far
Model-Conv-k depends on the scale b of the initial weights, which are uniform in [-b, b].
"""
TABLES = ("linear",)
REQUIRED_SETTINGS = [{"models": ["one_layer", "conv"], "losses": ["hinge"]}]
EXACT = ("cls", "first_person")  # tasks on which the one-layer error is known exactly
SYMBOL = {"init_scale": "b", "learning_rate": "α", "k": "k", "d": "d"}
DASHES = (":", "--", "-.")  # of initial scales other than the figure's own


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of all experiments, the first being the figure's own, with the exact one-layer error."""
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
    """Above, the paper's figure; below, how far Model-Conv-k depends on the scale b of the initial weights."""
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
            for experiment, (label, dashes) in lines.items():
                rows = conv[conv["experiment"] == experiment]
                style.draw(bottom, rows, label, band=False, **style.look("conv"), linestyle=dashes)
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
    """A label and a line style for each experiment: what it sets to another value than the others, and always b."""
    table = measured.drop_duplicates("experiment").set_index("experiment").sort_values("init_scale", kind="stable")
    shown = [column for column in SYMBOL if column == "init_scale" or len(set(table[column])) > 1]
    others = cycle(DASHES)
    return {
        str(name): (", ".join(f"{SYMBOL[key]} = {row[key]:g}" for key in shown), "-" if row["main"] else next(others))
        for name, row in table.iterrows()
    }
