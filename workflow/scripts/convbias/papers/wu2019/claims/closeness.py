"""The variance of the hinge test error comes from how close the weights are to the limit's direction at the stop.

Ref: wu2019, Section 3.1
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "precision": 0.05,
    "looks": 2,
    "kind": "observation",
    "where": "Section 3.1 (iii)",
    "statistic": "Spearman's correlation, over initial weights on one training set, between the hinge test error and 1 "
    "- cos of the angle between the final (w1, w2) and the X-hinge limit",
    "threshold": "mean over training sets above {correlation} (our threshold, about half of the variance of the "
    "ranks) at each n",
    "figure": "wu2019-fig6",
    "over": "n",
    "quote": "The variance (due to different initialization) in the generalization performance of Conv-k comes from "
    "how close the weights are to this limit direction when training stops",
    "settings": {"correlation": 0.7},
}
CLAIMS = {
    "wu2019-closeness-cls": {
        "scope": "Task-Cls",
        "statement": "On Task-Cls, the hinge error varies with how close the weights are to the limit direction.",
        "settings": {"task": "cls"},
    },
    "wu2019-closeness-first_person": {
        "scope": "Task-1stCtrl",
        "statement": "On Task-1stCtrl, the hinge error varies with how close the weights are to the limit direction.",
        "settings": {"task": "first_person"},
    },
    "wu2019-closeness-third_person": {
        "scope": "Task-3rdCtrl",
        "statement": "On Task-3rdCtrl, the hinge error varies with how close the weights are to the limit direction.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, correlation: float) -> Evidence:
    """At each sample size, one test over training sets.

    Ref: wu2019, Section 3.1
    """
    found = rows_of(tables["theory"], experiments, quantity=f"closeness_{task}_correlation")
    return [
        mean_test(f"n = {n:g}", rows["value"].to_numpy(dtype=float, na_value=np.nan), above=correlation)
        for n, rows in found.groupby("n_train")
    ]
