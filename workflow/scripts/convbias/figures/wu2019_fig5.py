"""The SVD estimate against trained networks: X-hinge after a set number of steps, and hinge.

Ref: wu2019, Figure 5
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import _style as style
from convbias.figures._summary import first, select, summarise

TABLES = ("linear", "asymptotics")
NEEDS = {"models": ["conv"], "losses": ["hinge", "xhinge"], "asymptotics": [True]}
LOSSES = ("hinge", "xhinge")
BY = ["experiment", "task", "series", "k", "n_train"]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of the three quantities on the same training sets, and the share of degenerate training sets.

    Each quantity is taken from the first of the experiments that has it.
    """
    losses = [first(select(tables["linear"], experiments, model="conv", loss=loss), experiments) for loss in LOSSES]
    limits = first(select(tables["asymptotics"], experiments), experiments)
    share = limits.groupby(["task", "n_train"], sort=False)["degenerate"].mean().rename("degenerate").reset_index()
    runs = pd.concat(losses).rename(columns={"loss": "series"})
    trained = summarise(runs, [*BY, "learning_rate", "init_scale"])
    estimated = summarise(limits.assign(series="asymptotics"), BY).merge(share, on=["task", "n_train"])
    return pd.concat([trained, estimated], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """Above, the paper's figure; below, how often the top singular value is degenerate, the estimate then a bound."""
    with style.style():
        figure, axes = style.task_axes(frame, 2, 2.9, [1, 0.3])
        for task, (top, bottom) in axes.items():
            here = frame[frame["task"] == task]
            style.draw(top, here[here["series"] == "hinge"], style.COLOUR["conv"], "Normal (hinge)")
            style.draw(top, here[here["series"] == "xhinge"], style.COLOUR["xhinge"], "X-hinge", linewidth=2)
            limits = here[here["series"] == "asymptotics"]
            style.draw(top, limits, style.COLOUR["asymptotics"], "Asym (SVD)", linestyle="--")
            bottom.plot(limits["n_train"], limits["degenerate"], "k.-", markersize=2.5)
        tops, bottoms = zip(*axes.values(), strict=True)
        tops[0].set_ylabel(style.ERROR)
        tops[0].set_ylim(0, None)
        bottoms[0].set_ylabel("degenerate\nshare")
        bottoms[0].set_ylim(0, 1)
        style.legend(figure, tops[0], 3)
        style.note(figure, frame[frame["series"] != "asymptotics"])
    return figure
