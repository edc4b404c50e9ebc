"""With good initial weights, the hinge test error is closer to the SVD estimate than with bad ones.

Ref: wu2019, Section 4
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.papers.wu2019.estimates import beside_estimates
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("linear", "asymptotics")
COMMON = {"precision": 0.0125, "where": "Section 4", "figure": "wu2019-fig6", "settings": {"share": 0.1}}
CLAIMS = {
    "wu2019-good-initialisations": {
        "kind": "observation",
        "quote": "good initializations would perform closer to the asymptotic quantity than the bad ones",
        "scope": "the three tasks, n = 30",
        "statement": "With good initial weights, the hinge error is closer to the SVD estimate than with bad ones.",
        "statistic": "on each training set: the distance of the mean hinge error of the worst tenth of initial weights "
        "from the SVD estimate, minus that of the best tenth",
        "threshold": "mean above 0 on each task",
        "note": "Good means a low error. If the estimate were below all errors, this would hold by definition. But the "
        "best tenth have an error below it.",
    },
    "wu2019-good-initialisations-reach": {
        "kind": "extension",
        "looks": 2,
        "scope": "the three tasks, n = 30",
        "statement": "With the best initial weights, the mean hinge error is about the SVD estimate.",
        "statistic": "on each training set: the mean hinge error of the best tenth of initial weights, minus the SVD "
        "estimate",
        "threshold": "mean within {margin} of 0 (our threshold) on each task",
        "note": "Our extension: the paper only says that they are closer than bad ones.",
        "settings": {"margin": 0.05},
    },
}


def evidence(tables: Tables, experiments: list[str], share: float, margin: float | None = None) -> Evidence:
    """On each task, one test at each sample size: of good against bad, or with a margin, of the good ones alone.

    Ref: wu2019, Section 4
    """
    sub_tests = []
    for task, hinge in rows_of(tables["linear"], experiments, model="conv", loss="hinge").groupby("task"):
        pairs = beside_estimates(hinge, rows_of(tables["asymptotics"], experiments, task=task))
        for n, rows in pairs.groupby("n_train"):
            gaps = tenths(rows, share)
            name = f"{task}: n = {n}"
            if margin is None:
                sub_tests.append(mean_test(name, gaps["worst"].abs() - gaps["best"].abs(), above=0))
            else:
                sub_tests.append(mean_test(name, gaps["best"], -margin, margin))
    return sub_tests


def tenths(pairs: pd.DataFrame, share: float) -> pd.DataFrame:
    """For each training set, the mean hinge errors of the best and of the worst networks, minus the SVD estimate.

    ``share`` is the share of networks that each mean is over. A training set with a network that did not finish has no
    numbers.
    """
    errors = pairs.assign(gap=pairs["hinge_error"] - pairs["estimate"])
    rows = {}
    for seed, gap in errors.groupby("seed")["gap"]:
        ordered = np.sort(gap if gap.notna().all() else np.full(len(gap), np.nan))
        count = max(1, round(share * len(ordered)))
        rows[seed] = {"best": ordered[:count].mean(), "worst": ordered[-count:].mean()}
    return pd.DataFrame.from_dict(rows, orient="index")
