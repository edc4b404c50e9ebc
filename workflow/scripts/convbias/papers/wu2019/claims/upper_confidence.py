"""The SVD estimate is an optimistic bound on the test error of hinge training.

Ref: wu2019, Figure 5; Section 4
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import differences, rows_of
from convbias.statistics.evidence import Evidence, share_test

TABLES = ("linear", "asymptotics")
COMMON = {
    "kind": "observation",
    "statistic": "proportion of training sets on which the SVD estimate is at most the hinge test error of "
    "Model-Conv-k",
    "threshold": "above {share} at each n",
    "note": "If σ₁ is degenerate, as is often the case at the smallest n, Theorem 2's minimum makes the estimate an "
    "upper bound of the error. Figure 5 shows the proportion of such training sets.",
    "figure": "wu2019-fig5",
    "settings": {"share": 0.9},
}
CLAIMS = {
    "wu2019-upper-confidence-cls": {
        "quote": "especially in Task-Cls and Task-1stCtrl, the asymptotic quantity can be viewed as an upper "
        "confidence bound for the actual performance with the normal hinge loss",
        "scope": "Task-Cls",
        "over": "n",
        "where": "Section 4, Figure 5 (a)",
        "statement": "The SVD estimate is an upper confidence bound on the performance of hinge training on Task-Cls.",
        "settings": {"task": "cls"},
    },
    "wu2019-upper-confidence-first_person": {
        "quote": "especially in Task-Cls and Task-1stCtrl, the asymptotic quantity can be viewed as an upper "
        "confidence bound for the actual performance with the normal hinge loss",
        "scope": "Task-1stCtrl",
        "over": "n",
        "where": "Section 4, Figure 5 (b)",
        "statement": "The SVD estimate is an upper confidence bound on the performance of hinge training on "
        "Task-1stCtrl.",
        "settings": {"task": "first_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, share: float) -> Evidence:
    """One test at each sample size for which both errors are available.

    Ref: wu2019, Figure 5; Section 4
    """
    hinge = rows_of(tables["linear"], experiments, task=task, model="conv", loss="hinge")
    pairs = differences(hinge, rows_of(tables["asymptotics"], experiments, task=task))
    return [
        share_test(f"n = {n}", np.where(gap.isna(), np.nan, gap >= 0), above=share)
        for n, gap in pairs.groupby("n_train")["difference"]
    ]
