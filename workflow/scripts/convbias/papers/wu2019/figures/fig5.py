"""The SVD estimate, and the test errors of networks trained with X-hinge and with the hinge loss.

Ref: wu2019, Figure 5
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import first, like, select, summarise

TITLE = "Figure 5: hinge, X-hinge and the SVD estimate"
CAPTION = """
wu2019, Figure 5: the SVD estimate and the test errors of trained networks on the same training sets, against the number
of training samples. The SVD estimate ("Asym" in the paper) is the error that Theorem 2 predicts from the top singular
pair of the data matrix. X-hinge networks are trained for a fixed number of steps. Hinge networks ("Normal" in the
paper) are trained until the training loss is 0. Lines are means. Bands reach from the 10 % to the 90 % quantile over
training sets, and bars are 95 % (Student) intervals of the mean. If the top singular value is degenerate, the estimate
is an upper bound. Crosses show the quantity that it then bounds: the mean error over Gaussian initial weights. On
Task-Cls, a thin line shows the exact expectation of that quantity over all training sets. It is the middle of two
bounds, at most 0.005 apart at k = 5 and d = 100, which meet as n grows. Bottom: the proportions of training sets that
are degenerate, and that the X-hinge limit does not separate (footnote 6). Compare X-hinge with the SVD estimate, and
the hinge loss with both.
"""
TABLES = ("linear", "asymptotics", "theory")
REQUIRED_SETTINGS = [
    {"models": ["conv"], "losses": ["hinge"], "d": None, "k": None, "learning_rate": None, "init_scale": None},
    {"models": ["conv"], "losses": ["xhinge"]},
    {"asymptotics": [True]},
]
LOSSES = ("hinge", "xhinge")
BY = ["experiment", "task", "series", "k", "n_train"]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of the three quantities on the same training sets, each from the first experiment that has it.

    All have the settings of the first experiment with networks.

    The estimate comes with the proportion of ``degenerate`` training sets, on which it is a bound. ``gaussian`` is the
    mean over Gaussian initial weights, which it bounds. ``not_separated`` is the proportion that the X-hinge limit does
    not separate (footnote 6). On Task-Cls, the series ``exact`` has the exact expectation of ``gaussian`` at all n, if
    there is an experiment with check wu2019-exact-limit. There, ``low`` and ``high`` are its bounds.
    """
    linear = select(tables["linear"], experiments)
    own = first(linear, experiments).iloc[0]
    conv = like(linear[linear["model"] == "conv"], own, "d", "k", "learning_rate", "init_scale")
    losses = [first(conv[conv["loss"] == loss], experiments) for loss in LOSSES]
    limits = first(like(select(tables["asymptotics"], experiments), own, "d", "k"), experiments)
    limits = limits.assign(not_separated=limits["train_error"] > 0)
    cell = limits.groupby(["task", "n_train"], sort=False)
    shares = cell.agg(
        degenerate=("degenerate", "mean"),
        not_separated=("not_separated", "mean"),
        gaussian=("gaussian_test_error", "mean"),
    )
    runs = pd.concat(losses).rename(columns={"loss": "series"})
    trained = summarise(runs, [*BY, "learning_rate", "init_scale"])
    estimated = summarise(limits.assign(series="asymptotics"), BY).merge(shares.reset_index(), on=["task", "n_train"])
    exact = exact_limit(like(select(tables["theory"], experiments), own, "d", "k"))
    shown = estimated.loc[estimated["task"] == "cls", "n_train"]
    exact = exact[exact["n_train"].between(shown.min(), shown.max())]
    return pd.concat([trained, estimated, exact] if len(exact) else [trained, estimated], ignore_index=True)


def exact_limit(theory: pd.DataFrame) -> pd.DataFrame:
    """Rows of the series ``exact``, from the bounds in the theory table; none if it has no bounds.

    Ref: wu2019, Theorem 4 (as an equality)
    """
    low, high = (theory[theory["quantity"] == f"limit_{end}"] for end in ("low", "high"))
    keys = ["experiment", "k", "n_train"]
    rows = low[[*keys, "value"]].merge(high[[*keys, "value"]], on=keys, suffixes=("_low", "_high"))
    rows = rows.rename(columns={"value_low": "low", "value_high": "high"}).drop_duplicates("n_train")
    return rows.assign(task="cls", series="exact", mean=rows[["low", "high"]].mean(axis=1)).sort_values("n_train")


def plot(frame: pd.DataFrame) -> Figure:
    """Top: the paper's figure. Bottom: the proportions of training sets that are degenerate, and not separated."""
    with style.style():
        figure, axes = style.task_axes(frame, 2, 3.3, [1, 0.3])
        for task, (top, bottom) in axes.items():
            here = frame[frame["task"] == task]
            style.draw(top, here[here["series"] == "hinge"], "hinge loss", **style.look("conv"))
            style.draw(top, here[here["series"] == "xhinge"], "X-hinge", **style.look("xhinge"), linewidth=2)
            limits = here[here["series"] == "asymptotics"]
            style.draw(top, limits, "SVD estimate", **style.look("asymptotics"), linestyle="--")
            loose = limits[limits["degenerate"] > 0]
            label = "mean over initial weights"
            top.plot(
                loose["n_train"], loose["gaussian"], "x", color=style.COLOUR["gaussian"], markersize=3, label=label
            )
            bottom.plot(limits["n_train"], limits["degenerate"], "k.-", markersize=2.5, label="degenerate")
            colour = style.COLOUR["not_separated"]
            bottom.plot(
                limits["n_train"], limits["not_separated"], ".--", color=colour, markersize=2.5, label="not separated"
            )
            exact = here[here["series"] == "exact"]
            if len(exact):
                style.bounds(top, exact["n_train"], exact["low"], exact["high"], "exact mean", style.COLOUR["gaussian"])
        tops, bottoms = zip(*axes.values(), strict=True)
        tops[0].set_ylabel(style.ERROR)
        tops[0].set_ylim(0, None)
        bottoms[0].set_ylabel("proportion")
        bottoms[0].set_ylim(-0.02, 1.02)
        style.row_legend(bottoms, 2)
        style.legend(figure, tops, 2)
        style.note(figure, frame[frame["series"].isin(LOSSES)])
    return figure
