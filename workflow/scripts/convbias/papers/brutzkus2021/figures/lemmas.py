"""The lemmas behind Theorem 5.1, and Proposition 6.1: promised bounds and actual values.

Ref: brutzkus2021, Lemma 5.2; Lemma 5.3; Corollary 5.4; Lemma 5.5; Proposition 6.1; Theorem 4.2
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Lemmas 5.2 to 5.5: how tight they are"
CAPTION = """
brutzkus2021, Lemmas 5.2 to 5.5 and C.1 to C.2, Corollary 5.4, Proposition 6.1 and Theorem 4.2: the promised bounds, and
the actual values. (a) One line for each statement. "Found" is the value nearest to the bound, over all d and all steps
of the first layer. The margin is the factor between the two: at 1, the bound is exact. The last column counts the cases
that violate the statement, of those that were checked one by one. (b) Lemma 5.2, about the number of lucky filters: the
exact probability that this number is out of its bounds, and the probability that the lemma allows, against d. The
statements hold if all margins are at least 1 and there are no violations, and a large margin means that the bound is
far from tight.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [
    {"check": ["brutzkus2021-lucky-filters"]},
    {"check": ["brutzkus2021-first-layer"]},
    {"check": ["brutzkus2021-detection-margin"]},
    {"check": ["brutzkus2021-shattering"]},
]


FEWEST, MOST = "≥", "≤"
# item, statement, sense and value of the bound, quantity of the theory table, and that of its cases and violations
STATEMENTS: list[tuple[str, str, str, float, str, str]] = [
    ("Lemma 5.2", "lucky filters × d / k", FEWEST, 0.25, "lucky_probability", ""),
    ("Lemma 5.2", "lucky filters × d / k", MOST, 1, "lucky_probability", ""),
    ("Lemma 5.3", "growth of lucky filters / $\\eta_1$", FEWEST, 1 / 9, "lucky_projection", "lemma5.3"),
    ("Lemma 5.3", "spurious responses of these / r", MOST, 1, "other_projection", "lemma5.3"),
    ("Cor. 5.4", "Lemma 5.3 for class -1", "", np.nan, "", "cor5.4"),
    ("Lemma 5.5", "growth of all responses / $\\eta_1$", MOST, 2, "response", "lemma5.5"),
    ("Lemma C.1", "norm of a filter ≤ $\\eta_1$(t + 1)", "", np.nan, "", "lemmaC.1"),
    ("Lemma C.2", "|N(x)| ≤ 1/2 on $S_1$", "", np.nan, "", "lemmaC.2"),
    ("Prop. 6.1", "$||\\hat{w}||^2$ / n", FEWEST, 1, "norm", ""),
    ("Thm. 4.2", "all labels of the points", "", np.nan, "", "shattering"),
    ("Section 4", "a network that fits and fails", "", np.nan, "", "bad_erm"),
]
COLUMNS = {"item": -0.165, "statement": 0.01, "promised": 0.5, "found": 0.61, "margin": 0.74, "violations": 1.0}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of three kinds: ``statement``, ``outside`` (by d), and ``unbalanced`` with the number of excluded sets."""
    theory = select(tables["theory"], experiments)
    of = {name: rows["value"].sum() for name, rows in theory.groupby("quantity")}
    rows = []
    for item, statement, sense, promised, quantity, counted in STATEMENTS:
        own = theory[theory["quantity"] == quantity]
        scale = {"lucky_probability": own["d"], "norm": 1 / own["n_patterns"]}.get(quantity, 1)
        values = (own["value"] * scale).astype(float)
        found = values.min() if sense == FEWEST else values.max()
        margin = found / promised if sense == FEWEST else promised / found
        counts = {name: of.get(f"{counted}_{name}", np.nan) for name in ("violations", "cases")}
        row = {"item": item, "statement": statement, "sense": sense, "promised": promised, "value": found}
        rows.append({"kind": "statement", **row, "margin": margin, **counts})
    outside, allowed = (
        theory[theory["quantity"] == name].set_index("d")["value"] for name in ("outside", "outside_promised")
    )
    curve = pd.DataFrame({"value": outside, "promised": allowed}).reset_index().assign(kind="outside")
    excluded = pd.DataFrame([{"kind": "unbalanced", "value": of.get("unbalanced", 0)}])
    return pd.concat([pd.DataFrame(rows), curve, excluded], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) A table of the statements, (b) the probability that the number of lucky filters is out of bounds."""
    statements, outside = (frame[frame["kind"] == kind] for kind in ("statement", "outside"))
    with style.style():
        figure, ((top,), (bottom,)) = style.axes_grid(2, 1, 3.9, height_ratios=[1.5, 1])
        top.set(title="(a) promised and found", ylim=(len(statements) - 0.5, -1.5), xlim=(0, 1))
        top.set_axis_off()
        top.hlines(-0.5, COLUMNS["item"], 1, color="0.4", linewidth=0.6, clip_on=False).set_in_layout(False)
        for line, texts in enumerate(
            [dict(zip(COLUMNS, COLUMNS, strict=True)), *map(_texts, statements.to_dict("records"))]
        ):
            for name, at in COLUMNS.items():
                side = "left" if name in ("item", "statement") else "right"
                top.text(at, line - 1, texts[name], ha=side, va="center", fontsize=5.5).set_in_layout(False)
        bottom.plot(outside["d"], outside["promised"], ":", color="0.4", label="promised")
        bottom.plot(outside["d"], outside["value"], ".k-", markersize=3, label="found (exact)")
        bottom.set(xlabel="d", ylabel="Pr(number out of bounds)", title="(b) Lemma 5.2", yscale="log")
        bottom.set_xticks(outside["d"])
        bottom.legend(loc="lower left")
        unbalanced = frame.loc[frame["kind"] == "unbalanced", "value"].sum()
        excluded = f"Excluded training sets, without a third of each class: {unbalanced:.0f}."
        figure.supxlabel(excluded, fontsize=6, color="0.3")
    return figure


def _texts(row: dict) -> dict[str, str]:
    """The cells of a line of the table; empty if a statement has no such number."""
    texts = {"item": row["item"], "statement": row["statement"], "promised": "", "found": "", "margin": ""}
    if row["sense"]:
        texts |= {"promised": f"{row['sense']} {row['promised']:.3g}", "found": f"{row['value']:.3g}"}
        texts["margin"] = f"×{row['margin']:.3g}"
    counted = pd.notna(row["cases"])
    return texts | {"violations": f"{row['violations']:,.0f} of {row['cases']:,.0f}" if counted else ""}
