"""The lemmas behind Theorem 5.1, and Proposition 6.1: promised bounds and actual values.

Ref: brutzkus2021, Lemma 5.2; Lemma 5.3; Corollary 5.4; Lemma 5.5; Proposition 6.1; Theorem 4.2
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Lemmas 5.2 to 5.5: how tight they are"
CAPTION = """
brutzkus2021, Lemmas 5.2, 5.3 and 5.5, Corollary 5.4, Proposition 6.1 and Theorem 4.2: actual values, and the promised
bounds (dotted). (a) The number of lucky filters times d / k, against d. Points are means of random draws (bars: the
middle 95 % of draws), and the line is exact. (b) The exact probability that a count is out of bounds, and the
probability that the lemma allows. (c) The extreme filters at each step of the first layer, with one line for each d.
(d) The squared norm of the shortest classifier with margin 1 on the whole support. The text below the panels counts the
cases that were checked, and those that violate a statement. The statements hold if all values are on the promised side
of the dotted lines and there are no violations.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [
    {"check": ["brutzkus2021-lucky-filters"]},
    {"check": ["brutzkus2021-first-layer"]},
    {"check": ["brutzkus2021-detection-margin"]},
    {"check": ["brutzkus2021-shattering"]},
]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The rows of the theory table, except the second layer's loss, which belongs to no lemma."""
    rows = select(tables["theory"], experiments)
    return rows[rows["quantity"] != "second_loss"].reset_index(drop=True)


def plot(frame: pd.DataFrame) -> Figure:
    """Actual values (solid lines, points) and promised bounds (dotted lines), statement by statement."""
    of = dict(iter(frame.groupby("quantity", sort=False)))
    with style.style():
        figure, ((counts, outside), (steps, margin)) = style.axes_grid(2, 2, 4.2)
        share, exact = of["lucky_share"], of["lucky_probability"]
        spread = (share["d"] * (share["value"] - share["low"]), share["d"] * (share["high"] - share["value"]))
        counts.errorbar(share["d"], share["d"] * share["value"], spread, fmt=".k", markersize=3, elinewidth=0.8)
        counts.plot(exact["d"], exact["d"] * exact["value"], "k-", linewidth=0.7)
        _promise(counts, 0.25, 1)
        counts.set(xlabel="d", ylabel="lucky filters × d / k", title="(a) Lemma 5.2", ylim=(0, 1.1))
        outside.plot(of["outside"]["d"], of["outside"]["value"], ".k-", markersize=3)
        outside.plot(of["outside_promised"]["d"], of["outside_promised"]["value"], ":", color="0.4")
        outside.set(xlabel="d", ylabel="Pr(count out of bounds)", title="(b) Lemma 5.2", yscale="log")
        lines = {
            "lucky_projection": ("min $o_1 w / t\\eta_1$, lucky: ≥ 1/9", "conv_pool", "-"),
            "other_projection": ("max $o_j w / r$, lucky: ≤ 1", "mlp", "--"),
            "response": ("max $x[j] w / t\\eta_1$, all: ≤ 2", "svm", "-."),
        }
        for name, (label, colour, dashes) in ((name, line) for name, line in lines.items() if name in of):
            for number, (_, rows) in enumerate(of[name].groupby("d")):
                named = label if number == 0 else None
                steps.plot(rows["step"], rows["value"], dashes, color=style.COLOUR[colour], linewidth=0.8, label=named)
        _promise(steps, 1 / 9, 1, 2)
        steps.set(xlabel="step of the first layer", title="(c) Lemmas 5.3, 5.5", ylim=(-0.2, 3.2))
        steps.legend(loc="upper right", fontsize=5.2, handlelength=2, borderaxespad=0)
        solved, line, bound = (of[name] for name in ("norm", "norm_exact", "norm_bound"))
        margin.plot(solved["n_patterns"], solved["value"], ".k", markersize=4, label="solver")
        margin.plot(line["n_patterns"], line["value"], "k-", linewidth=0.7, label="2n")
        margin.plot(bound["n_patterns"], bound["value"], ":", color="0.4", label="promised: n")
        margin.set(xlabel="patterns per input, n", ylabel="$||\\hat{w}||^2$", title="(d) Proposition 6.1")
        margin.set_xticks(solved["n_patterns"])
        margin.legend(loc="upper left", fontsize=5.5, handlelength=1.2)
        figure.supxlabel(f"Dotted: promised bounds. {_counted(frame)}", fontsize=6, color="0.3")
    return figure


def _promise(ax: Axes, *levels: float) -> None:
    for level in levels:
        ax.axhline(level, color="0.4", linestyle=":", linewidth=1)


def _counted(frame: pd.DataFrame) -> str:
    """Cases and violations of the checks: the lemmas by step, Theorem 4.2 by labelling, networks by input."""
    texts, count = [], frame["quantity"].str.rpartition("_")[2]  # "cases" from "lemma5.3_cases"
    for name, starts in (
        ("Lemmas 5.3 to 5.5, C.1, C.2", ("lemma5", "cor5", "lemmaC")),
        ("Theorem 4.2", ("shattering_",)),
        ("A network that fits and fails", ("bad_erm_",)),
    ):
        total = frame[frame["quantity"].str.startswith(starts)].groupby(count, sort=False)["value"].sum()
        texts.append(f"{name}: {total.get('violations', 0):,.0f} violations in {total.get('cases', 0):,.0f} cases")
    unbalanced = frame.loc[frame["quantity"] == "unbalanced", "value"].sum()
    return "\n".join(["", *texts, f"Excluded training sets, without a third of each class: {unbalanced:.0f}"])
