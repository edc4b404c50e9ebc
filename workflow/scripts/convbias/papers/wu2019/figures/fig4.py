"""The two terms of Theorem 4, their ratio and the error of Model-1-Layer, against the sample size.

Ref: wu2019, Figure 4
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Figure 4: the two terms of Theorem 4"
CAPTION = """
wu2019, Figure 4: the two terms of Theorem 4's bound on Task-Cls, against the number of training samples. Err_1 is the
probability that no two samples are adjacent at positions from k - 1 on (Lemma 5). Err_2 is half the probability that no
sample is near. (a) Their ratio. (b) Both terms, their sum, the error of Model-1-Layer, and how often M_tr'M_tr is not
primitive, which Err_1 bounds. Lines are exact, except that "approximate" lines use the paper's approximation 1/2
((d-2k+1)/d)^n of Err_2. E_inf is the expected error of the X-hinge limit, which the sum bounds. Its two exact bounds
are at most 0.005 apart at k = 5 and d = 100. Points are proportions of drawn training sets, as in the paper, with 95 %
(Clopper-Pearson) intervals. A ratio that falls to 0 means that Err_1 is of lower order. The bound proves an advantage
if the sum is below the error of Model-1-Layer, and E_inf is below that error much earlier.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-error-terms"]}]
# ratio: numerator, denominator, label, line style
RATIOS = {
    "ratio": ("err_1", "err_2", "exact", "-"),
    "ratio_approximation": ("err_1", "err_2_approximation", "approximate Err_2", "--"),
    "ratio_estimate": ("err_1_estimate", "err_2_approximation", "", ""),
}
ERRORS: dict[str, tuple[str, str, Any]] = {
    "err_1": ("Err_1", "err_1", "-."),
    "err_2": ("Err_2", "err_2", "-"),
    "err_2_approximation": ("Err_2, approximate", "err_2", ":"),
    "bound": ("Err_1 + Err_2", "conv", (0, (5, 1, 1, 1, 1, 1))),
    "err_one_layer": ("Model-1-Layer", "one_layer", "--"),
}
# from check wu2019-exact-limit, if there is such an experiment
EXACT = ("limit_low", "limit_high", "not_primitive")


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The theory table, with the ratios of the two terms as further quantities. A ratio is empty if Err_2 is 0.

    Each experiment with the two terms also gets the quantities of ``EXACT`` at its sizes, if d and k are the same.
    """
    theory = select(tables["theory"], experiments)
    keys = ["experiment", "d", "k", "n_train"]
    drawn = theory.loc[theory["quantity"] == "err_1_estimate", "experiment"]  # wu2019-term-bounds has no estimates
    terms = theory[(theory["quantity"] == "err_1") & theory["experiment"].isin(drawn)]
    is_exact = theory["quantity"].isin(EXACT)
    frame = theory[theory["experiment"].isin(terms["experiment"]) & ~is_exact]
    exact = theory[is_exact].drop(columns="experiment").drop_duplicates(["quantity", *keys[1:]])
    frame = pd.concat([frame, exact.merge(terms[keys])], ignore_index=True)
    value = {name: rows.set_index(keys) for name, rows in frame.groupby("quantity", sort=False)}
    ratios = []
    for name, (above, below, *_) in RATIOS.items():
        over = value[above].join(value[below]["value"].rename("below"))
        ratio = over[["value", "low", "high"]].div(over["below"].replace(0, np.nan), axis=0)
        ratios.append(ratio.reset_index().assign(quantity=name))
    return pd.concat([frame, *ratios], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """The exact curves as lines, and the paper's estimates from drawn training sets as points."""
    entries = list(dict.fromkeys(frame["experiment"]))
    with style.style():
        figure, grid = style.axes_grid(len(entries), 2, 2.4 * len(entries))
        for entry, (left, right) in zip(entries, grid, strict=True):
            rows = dict(iter(frame[frame["experiment"] == entry].groupby("quantity", sort=False)))
            for name, (_, _, label, dashes) in RATIOS.items():
                if label:
                    left.plot(rows[name]["n_train"], rows[name]["value"], color="black", linestyle=dashes, label=label)
            _points(left, rows["ratio_estimate"], "black", "estimated", ".")
            for name, (label, colour, dashes) in ERRORS.items():
                right.plot(
                    rows[name]["n_train"],
                    rows[name]["value"],
                    color=style.COLOUR[colour],
                    linestyle=dashes,
                    label=label,
                )
            colour = style.COLOUR["primitive"]
            if "limit_low" in rows:
                low, high, failing = (rows[name].sort_values("n_train") for name in EXACT)
                style.bounds(right, low["n_train"], low["value"], high["value"], "E_inf", style.COLOUR["asymptotics"])
                right.plot(failing["n_train"], failing["value"], color=colour, linewidth=0.7)
            _points(right, rows["err_1_estimate"], style.COLOUR["err_1"], "Err_1, est.", ".")
            _points(right, rows["not_primitive_estimate"], colour, "M'M not primitive", "v")
            settings = rows["err_1"].iloc[0]
            left.set(
                title=f"(a) d = {settings['d']}, k = {settings['k']}", xlabel=style.SAMPLES, ylabel="Err_1 / Err_2"
            )
            right.set(title="(b)", xlabel=style.SAMPLES, ylabel="error or probability", ylim=(0, 1.02))
            left.set_ylim(0, 1.1 * rows["ratio"]["value"].max() if rows["ratio"]["value"].any() else 1)
        for ax in grid[0]:
            ax.legend(loc="upper right", fontsize=5.2, handlelength=1.5, borderaxespad=0)
        figure.supxlabel(
            "Points: proportions of drawn training sets.\nBars: 95 % (Clopper-Pearson) intervals.",
            fontsize=6,
            color="0.3",
        )
    return figure


def _points(ax: Axes, rows: pd.DataFrame, colour: str, label: str, marker: str) -> None:
    spread = (rows["value"] - rows["low"], rows["high"] - rows["value"])
    ax.errorbar(
        rows["n_train"],
        rows["value"],
        yerr=spread,
        fmt=marker,
        color=colour,
        markersize=2.5,
        elinewidth=0.6,
        label=label,
    )
