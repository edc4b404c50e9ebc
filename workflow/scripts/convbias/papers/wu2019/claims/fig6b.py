"""The X-hinge convergence speed from some initial weights predicts the test error of hinge training from them.

Ref: wu2019, Figure 6
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.papers.wu2019.convergence import convergence, settling
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, bootstrap_test
from convbias.statistics.summary import rank_correlation

TABLES = ("trajectories", "linear", "asymptotics")
COMMON = {
    "precision": 0.05,
    "kind": "observation",
    "quote": "this variance is strongly correlated with the variance in the generalization performance under the "
    "normal hinge loss",
    "threshold": "above {correlation} (our threshold)",
    "figure": "wu2019-fig6",
    "settings": {"correlation": 0.7},
}
CLAIMS = {
    "wu2019-fig6b-cls": {
        "scope": "Task-Cls, n = 30",
        "where": "Section 4, Figure 6 (b)",
        "statement": "On Task-Cls, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the mean X-hinge test error over the steps and the test error of "
        "hinge training",
        "note": "Both losses have the same iterates until the first margin is 1, and the mean contains these steps.",
        "settings": {"task": "cls"},
    },
    "wu2019-fig6b-first_person": {
        "scope": "Task-1stCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-1stCtrl, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the mean X-hinge test error over the steps and the test error of "
        "hinge training",
        "note": "Both losses have the same iterates until the first margin is 1, and the mean contains these steps.",
        "settings": {"task": "first_person"},
    },
    "wu2019-fig6b-third_person": {
        "scope": "Task-3rdCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-3rdCtrl, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the mean X-hinge test error over the steps and the test error of "
        "hinge training",
        "note": "Both losses have the same iterates until the first margin is 1, and the mean contains these steps.",
        "settings": {"task": "third_person"},
    },
    "wu2019-fig6b-time-cls": {
        "scope": "Task-Cls, n = 30",
        "where": "Section 4, Figure 6 (b)",
        "statement": "On Task-Cls, the X-hinge convergence time correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the first recorded step from which on the X-hinge test error is "
        "within {tolerance} of the SVD estimate and the test error of hinge training",
        "note": "The other measure of speed, without the errors of the first steps, which both losses share. The "
        "tolerance is ours. Where the limit has the output 0, the error at a finite step stays off by up to one half.",
        "settings": {"task": "cls", "tolerance": 0.05},
    },
    "wu2019-fig6b-time-first_person": {
        "looks": 2,
        "scope": "Task-1stCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-1stCtrl, the X-hinge convergence time correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the first recorded step from which on the X-hinge test error is "
        "within {tolerance} of the SVD estimate and the test error of hinge training",
        "note": "The other measure of speed, without the errors of the first steps, which both losses share. The "
        "tolerance is ours. Where the limit has the output 0, the error at a finite step stays off by up to one half.",
        "settings": {"task": "first_person", "tolerance": 0.05},
    },
    "wu2019-fig6b-time-third_person": {
        "scope": "Task-3rdCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-3rdCtrl, the X-hinge convergence time correlates strongly with the hinge test error.",
        "statistic": "Spearman's correlation between the first recorded step from which on the X-hinge test error is "
        "within {tolerance} of the SVD estimate and the test error of hinge training",
        "note": "The other measure of speed, without the errors of the first steps, which both losses share. The "
        "tolerance is ours. Where the limit has the output 0, the error at a finite step stays off by up to one half.",
        "settings": {"task": "third_person", "tolerance": 0.05},
    },
}


def evidence(
    tables: Tables, experiments: list[str], task: str, correlation: float, tolerance: float | None = None
) -> Evidence:
    """At each sample size, one test over initial weights. They are compared on the same training set.

    With a tolerance, the speed is the time to come within it of the limit.

    Ref: wu2019, Figure 6
    """
    steps = rows_of(tables["trajectories"], experiments, task=task, model="conv", loss="xhinge")
    own = list(steps["experiment"].unique())
    runs = [rows_of(tables["linear"], own, task=task, model="conv", loss=loss) for loss in ("hinge", "xhinge")]
    if steps.groupby(["n_train", "seed", "init_seed"])["step"].nunique().min() < 2:
        raise InsufficientData(f"{', '.join(own)} has fewer than two recorded steps of a network; a speed needs two")
    if tolerance is None:
        pairs = convergence(pd.concat(runs), steps)
    else:
        limits = rows_of(tables["asymptotics"], experiments, task=task)
        pairs = settling(pd.concat(runs), steps, limits, tolerance)
    sub_tests = []
    for n, hinge in runs[0].groupby("n_train"):
        here = pairs[pairs["n_train"] == n]
        if 2 * len(here) < len(hinge):
            raise InsufficientData(
                f"n = {n}: {len(here)} of {len(hinge)} pairs of networks are available; at least half are needed"
            )
        x, y, seed = (here[name].to_numpy() for name in ("speed", "hinge_error", "seed"))
        everything = np.append(x, np.full(len(hinge) - len(here), np.nan))
        sub_tests.append(bootstrap_test(f"n = {n}", rank_correlation(x, y, seed), everything, above=correlation))
    return sub_tests
