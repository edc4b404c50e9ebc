"""The features after the first layer, and the second layer's training, network by network.

Ref: brutzkus2021, Theorem 5.1; Appendix E; Equation 24
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "theorem", "scope": "the settings of Theorem 5.1", "figure": "brutzkus2021-thm5-1"}
CLAIMS = {
    "brutzkus2021-thm5.1-optimisation": {
        "quote": "lim L_2((W^(T_1), a^(T_2))) = 0 as T_2 → ∞",
        "where": "Theorem 5.1 (1)",
        "statement": "Under Theorem 5.1's settings, the loss goes to 0 as the second layer is trained.",
        "statistic": "whether the features of S_2 are linearly separable; log-log slope of L_2 from a tenth of T_2 on",
        "threshold": "separable, and a slope within 0.1 of -1, in every network (our threshold)",
        "settings": {"bounds": {"separable": [0.5, None], "loss_slope": [-1.1, -0.9]}},
    },
    "brutzkus2021-appendix-e": {
        "quote": "Therefore, we have ||â||² ||z(x)||² = O(d)",
        "where": "Appendix E",
        "statement": "The classifier v* separates all features with margin 1, and R² ||â||² is at most 51200 d.",
        "statistic": "smallest margin of v* over all inputs of D; ||v*||², ||z||² and R² ||â||² over their bounds",
        "threshold": "margin above 1; each quantity at most its bound, in every network",
        "settings": {
            "bounds": {
                "separating_margin": [1, None],
                "separating_norm": [None, 1],
                "feature_norm": [None, 1],
                "complexity_share": [None, 1],
            }
        },
    },
    "brutzkus2021-eq24": {
        "quote": "lim a^(t) / ||a^(t)|| = â / ||â|| as t → ∞",
        "where": "Equation 24",
        "statement": "The direction of the second layer converges to that of the maximum margin.",
        "statistic": "1 - cos(a, â) at a tenth of T_2 and at T_2",
        "threshold": "smaller at T_2 than at a tenth of it, and below 0.05, in every network (our threshold)",
        "settings": {"bounds": {"direction": [None, 0.05]}},
    },
}
NAMES = {
    "separable": "features of S₂ are separable",
    "loss_slope": "slope of the loss",
    "separating_margin": "smallest margin of v*",
    "separating_norm": "||v*||² over its bound",
    "feature_norm": "||z(x)||² over its bound",
    "complexity_share": "R² ||â||² over its bound",
    "direction": "1 - cos(a, â) at T₂",
}


def evidence(tables: Tables, experiments: list[str], bounds: dict[str, list[float | None]]) -> Evidence:
    """One check for each quantity, with a case for each network. Its number is the one closest to a violation.

    The direction has a second check: it must be closer at the last recorded step than at the first.

    Ref: brutzkus2021, Theorem 5.1; Appendix E; Equation 24
    """
    checks = []
    for quantity, (above, below) in bounds.items():
        rows = rows_of(tables["theory"], experiments, quantity=quantity).sort_values("step")
        first, last = (getattr(rows.groupby(["d", "seed"])["value"], which)() for which in ("first", "last"))
        low, high = (inf * sign if bound is None else bound for bound, sign in ((above, -1), (below, 1)))
        room = (last - low).clip(upper=high - last)
        checks.append(Check(NAMES[quantity], len(last), int((~(room >= 0)).sum()), float(last[room.idxmin()])))
        if rows["step"].nunique() > 1:
            falls = last < first
            checks.append(Check("closer at T₂ than at a tenth of it", len(falls), int((~falls).sum())))
    return checks
