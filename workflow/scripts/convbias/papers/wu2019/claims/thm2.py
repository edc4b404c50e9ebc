"""Training with X-hinge reaches the error that the SVD estimate predicts.

Ref: wu2019, Theorem 2; Figure 5
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear", "asymptotics")
COMMON = {
    "kind": "observation",
    "statistic": "test error of Model-Conv-k trained with X-hinge, minus the SVD estimate on the same training set",
    "threshold": "mean within {margin} of 0 at each n, on each task",
    "note": "If σ₁ is degenerate, as is often the case at the smallest n, Theorem 2's minimum makes the estimate an "
    "upper bound of the error. Figure 5 shows the proportion of such training sets.",
    "figure": "wu2019-fig5",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "wu2019-thm2": {
        "quote": "there is not much difference between the estimated quantity in Theorem 2 by SVD and the actual test"
        " error by training with the extreme hinge loss",
        "scope": "the three tasks, 1,000 steps of X-hinge",
        "over": "n",
        "where": "Theorem 2, Section 4, Figure 5",
        "statement": "The test error of Model-Conv-k trained with X-hinge is not much different from the SVD estimate.",
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float) -> Evidence:
    """On each task, one test at each sample size for which both errors are available.

    Ref: wu2019, Theorem 2; Figure 5
    """
    return [
        test
        for task, runs in rows_of(tables["linear"], experiments, model="conv", loss="xhinge").groupby("task")
        for limits in [rows_of(tables["asymptotics"], experiments, task=task)]
        for test in at_each_size(differences(runs, limits), -margin, margin, f"{task}: ")
    ]
