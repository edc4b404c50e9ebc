"""Training with X-hinge comes near the error that the theory predicts for its limit.

Ref: wu2019, Section 4; Figure 5
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear", "asymptotics")
COMMON = {
    "precision": 0.005,
    "looks": 3,
    "kind": "observation",
    "statistic": "test error of Model-Conv-k trained with X-hinge, minus E_inf, the expected error of the limit on the "
    "same training set",
    "threshold": "mean within {margin} of 0 at each n, on each task",
    "note": "E_inf is the SVD estimate if σ₁ is simple. Otherwise the estimate is only an upper bound of it, and we "
    "take the expectation over Gaussian initial weights, by an exact formula. The 1,000 steps are the paper's.",
    "figure": "wu2019-fig5",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "wu2019-xhinge-estimate": {
        "quote": "there is not much difference between the estimated quantity in Theorem 2 by SVD and the actual test "
        "error by training with the extreme hinge loss",
        "scope": "the three tasks, 1,000 steps of X-hinge",
        "over": "n",
        "where": "Section 4, Figure 5",
        "statement": "The test error of Model-Conv-k trained with X-hinge differs little from that of the limit.",
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float) -> Evidence:
    """On each task, one test at each sample size for which both errors are available.

    Ref: wu2019, Section 4; Figure 5
    """
    return [
        test
        for task, runs in rows_of(tables["linear"], experiments, model="conv", loss="xhinge").groupby("task")
        for limits in [rows_of(tables["asymptotics"], experiments, task=task)]
        for expected in [limits.assign(test_error=limits["gaussian_test_error"])]
        for test in at_each_size(differences(runs, expected), -margin, margin, f"{task}: ")
    ]
