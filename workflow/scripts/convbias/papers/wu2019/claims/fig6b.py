"""The X-hinge convergence speed from some initial weights predicts the test error of hinge training from them.

Ref: wu2019, Figure 6
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.papers.wu2019.convergence import convergence
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, bootstrap_test
from convbias.statistics.summary import rank_correlation

TABLES = ("trajectories", "linear")
COMMON = {
    "kind": "observation",
    "statistic": "Spearman's correlation between the mean X-hinge test error over the steps and the test error of "
    "hinge training",
    "threshold": "above {correlation}",
    "figure": "wu2019-fig6",
    "settings": {"correlation": 0.7},
}
CLAIMS = {
    "wu2019-fig6b-cls": {
        "quote": "this variance is strongly correlated with the variance in the generalization performance under the "
        "normal hinge loss",
        "scope": "Task-Cls, n = 30",
        "where": "Section 4, Figure 6 (b)",
        "statement": "On Task-Cls, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "settings": {"task": "cls"},
    },
    "wu2019-fig6b-first_person": {
        "quote": "this variance is strongly correlated with the variance in the generalization performance under the "
        "normal hinge loss",
        "scope": "Task-1stCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-1stCtrl, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "settings": {"task": "first_person"},
    },
    "wu2019-fig6b-third_person": {
        "quote": "this variance is strongly correlated with the variance in the generalization performance under the "
        "normal hinge loss",
        "scope": "Task-3rdCtrl, n = 30",
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-3rdCtrl, the X-hinge convergence speed correlates strongly with the hinge test error.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, correlation: float) -> Evidence:
    """At each sample size, one test over initial weights. They are compared on the same training set.

    Ref: wu2019, Figure 6
    """
    steps = rows_of(tables["trajectories"], experiments, task=task, model="conv", loss="xhinge")
    own = list(steps["experiment"].unique())
    runs = [rows_of(tables["linear"], own, task=task, model="conv", loss=loss) for loss in ("hinge", "xhinge")]
    if steps.groupby(["n_train", "seed", "init_seed"])["step"].nunique().min() < 2:
        raise InsufficientData(f"{', '.join(own)} has fewer than two recorded steps of a network; a speed needs two")
    pairs = convergence(pd.concat(runs), steps)
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
