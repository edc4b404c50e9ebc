"""Theorem 4's bound is below the error of Model-1-Layer if n is not too small.

Ref: wu2019, Figure 4; Section 3.3.2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import check_from, quantities, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "result",
    "statistic": "Err_1 + Err_2 and the error of Model-1-Layer, all exact, at every n",
    "threshold": "the sum is below the error at every n from some n on, which is at most d times {part}",
    "figure": "wu2019-fig4",
    "settings": {"part": 0.5},
}
CLAIMS = {
    "wu2019-fig4-advantage": {
        "quote": "the estimated upper bound for E∞Conv5 is clearly smaller than E1Layer when n is not too small",
        "scope": "Task-Cls, d = 100, k = 5",
        "where": "Section 3.3.2, Figure 4 (b)",
        "statement": "Err_1 + Err_2, the bound on the X-hinge limit's error, is below Model-1-Layer's when n is not "
        "too small.",
    },
}


def evidence(tables: Tables, experiments: list[str], part: float) -> Evidence:
    """One check. Its estimate is the n from which on the bound is below the error of Model-1-Layer.

    Ref: wu2019, Figure 4; Section 3.3.2
    """
    value = quantities(tables["theory"], experiments, ["bound", "err_one_layer"], by="n_train")["value"]
    d = int(rows_of(tables["theory"], experiments, quantity="bound")["d"].iloc[0])
    return [
        check_from(
            "Err_1 + Err_2 is below the error of Model-1-Layer", value["bound"] < value["err_one_layer"], part * d
        )
    ]
