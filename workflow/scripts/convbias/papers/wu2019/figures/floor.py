"""The error of the X-hinge limit with infinitely many samples, against the filter size.

Ref: wu2019, Section 4 (may actually be a bias); Section 6 (the choice of k)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import first, select

TITLE = "Section 6: the bias of a filter"
CAPTION = """
wu2019, Section 6: the error of the X-hinge limit with infinitely many samples, against the filter size k. The limit is
the top singular pair of the mean of y A_x over the whole dataset, and nothing is drawn. (a) The three tasks at the
largest input length d. (b) The two tasks with errors at several d, against k / d. Networks trained with the hinge loss
have no such bias. With the whole dataset as their training set, they train until they have no errors. An error of the
limit above 0 is the bias that the convolution brings: no number of samples removes it.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-bias-floor"]}]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The floor of each task, d and k, from the first experiment that has it."""
    rows = select(tables["theory"], experiments)
    rows = first(rows[rows["quantity"].str.startswith("floor_")], experiments)
    rows = rows.assign(task=rows["quantity"].str.removeprefix("floor_"))
    rows = rows[~rows["task"].str.contains("_gap|_smallest_output")]
    return rows[["experiment", "task", "d", "k", "value"]].reset_index(drop=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The tasks at the largest d; (b) the tasks with errors at every d."""
    lengths = sorted(set(frame["d"]))
    dashes = dict(zip(reversed(lengths), ("-", "--", ":", "-."), strict=False))
    with style.style():
        figure, ((left, right),) = style.axes_grid(1, 2, 1.9, sharey=True)
        for task, rows in frame.groupby("task", sort=False):
            own = style.TASK_LOOK.get(task, {"color": "0.5"})["color"]
            for d, part in rows.groupby("d"):
                line = {"color": own, "linestyle": dashes.get(d, "-")}
                if d == lengths[-1]:
                    left.plot(part["k"], part["value"], color=own, label=style.TASK.get(task, task))
                if rows["value"].any():
                    right.plot(part["k"] / d, part["value"], **line)
        for d, dash in dashes.items():
            right.plot([], [], color="0.4", linestyle=dash, label=f"d = {d}")
        left.set(title=f"(a) d = {lengths[-1]}", xlabel="filter size k", ylabel=f"{style.ERROR}, n = ∞")
        right.set(title="(b)", xlabel="filter size k / input length d")
        for ax in (left, right):
            ax.legend(loc="center right", bbox_to_anchor=(1, 0.38), fontsize=5.8, handlelength=1.8, borderaxespad=0)
    return figure
