"""How fast X-hinge converges from some initial weights says how well hinge generalises from them.

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
    "kind": "statistical",
    "statistic": "Spearman's correlation of the mean X-hinge error over the steps with the test error by hinge",
    "threshold": "above {correlation}",
    "figure": "wu2019-fig6",
    "settings": {"correlation": 0.7},
}
CLAIMS = {
    "wu2019-fig6b-cls": {
        "where": "Section 4, Figure 6 (b)",
        "statement": "On Task-Cls the convergence speed by X-hinge is strongly correlated with the error by hinge.",
        "settings": {"task": "cls"},
    },
    "wu2019-fig6b-first_person": {
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-1stCtrl the convergence speed by X-hinge is strongly correlated with the error by hinge.",
        "settings": {"task": "first_person"},
    },
    "wu2019-fig6b-third_person": {
        "where": "Section 4, Figure 6 (b), appendix",
        "statement": "On Task-3rdCtrl the convergence speed by X-hinge is strongly correlated with the error by hinge.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, correlation: float) -> Evidence:
    """At each sample size a test over initial weights, which are compared on the same training set.

    Ref: wu2019, Figure 6
    """
    steps = rows_of(tables["trajectories"], experiments, task=task, model="conv", loss="xhinge")
    own = list(steps["experiment"].unique())
    runs = [rows_of(tables["linear"], own, task=task, model="conv", loss=loss) for loss in ("hinge", "xhinge")]
    if steps.groupby(["n_train", "seed", "init_seed"])["step"].nunique().min() < 2:
        raise InsufficientData(f"{', '.join(own)} has less than two steps of a network; a speed takes two")
    pairs = convergence(pd.concat(runs), steps)
    found = []
    for n, hinge in runs[0].groupby("n_train"):
        here = pairs[pairs["n_train"] == n]
        if 2 * len(here) < len(hinge):
            raise InsufficientData(
                f"n = {n}: {len(here)} of {len(hinge)} pairs of networks are there; at least half are needed"
            )
        x, y, seed = (here[name].to_numpy() for name in ("speed", "hinge_error", "seed"))
        everything = np.append(x, np.full(len(hinge) - len(here), np.nan))
        found.append(bootstrap_test(f"n = {n}", rank_correlation(x, y, seed), everything, above=correlation))
    return found
