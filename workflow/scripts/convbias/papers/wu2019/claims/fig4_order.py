"""The first term of Theorem 4, Err_1, is of lower order than the second, Err_2.

Ref: wu2019, Figure 4; Section 3.3.1
"""

from convbias.claims import Tables
from convbias.statistics.comparison import check_from, quantities
from convbias.statistics.evidence import Check, Evidence, InsufficientData

TABLES = ("theory",)
COMMON = {
    "kind": "result",
    "statistic": "Err_1 / Err_2, both exact, at every n",
    "threshold": "the ratio falls at every step from some n on, which is at most half the largest n, and it ends below "
    "{small}",
    "figure": "wu2019-fig4",
    "settings": {"small": 0.01},
}
CLAIMS = {
    "wu2019-fig4-order": {
        "quote": "has a lower order than the quantity ((d-2k+1)/d)^n as n goes larger",
        "scope": "Task-Cls",
        "where": "Section 3.3.1, Figure 4 (a)",
        "statement": "The probability of no adjacent pair, Err_1, is of lower order than Err_2 as n grows.",
    },
}


def evidence(tables: Tables, experiments: list[str], small: float) -> Evidence:
    """One check of every step of n, and one of the last ratio.

    Ref: wu2019, Figure 4; Section 3.3.1
    """
    value = quantities(tables["theory"], experiments, ["err_1", "err_2"], by="n_train")["value"]
    if not (value["err_2"] > 0).all():
        raise InsufficientData("Err_2 is 0 at some n, so the ratio is not defined")
    ratio = value["err_1"] / value["err_2"]
    last = ratio.index[-1]
    return [
        check_from("Err_1 / Err_2 falls", (ratio.diff() < 0).iloc[1:], last / 2),
        Check(f"Err_1 / Err_2 is below {small:g} at n = {last}", 1, int(not ratio[last] < small), float(ratio[last])),
    ]
