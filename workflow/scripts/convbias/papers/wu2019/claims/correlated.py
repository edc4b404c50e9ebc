"""The SVD estimate is correlated with the test error of hinge training: over training sets, and over sample sizes.

Ref: wu2019, Section 3.2
"""

import numpy as np

from convbias.claims import Tables
from convbias.papers.wu2019.estimates import beside_estimates
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, bootstrap_test
from convbias.statistics.summary import correlation_of_means, rank_correlation

TABLES = ("linear", "asymptotics")
COMMON = {
    "precision": 0.05,
    "kind": "observation",
    "quote": "Later on we will show that this quantity is highly correlated with the real generalization performance "
    "in practice where we use the original hinge loss but not the extreme one",
    "scope": "the three tasks",
    "where": "Section 3.2",
    "figure": "wu2019-fig5",
    "settings": {"correlation": 0.7, "varies": 0.01},
}
CLAIMS = {
    "wu2019-correlated-sets": {
        "over": "n",
        "statement": "Over training sets of one size, the SVD estimate and the hinge test error correlate strongly.",
        "statistic": "Spearman's correlation between the SVD estimate and the test error of Model-Conv-k trained with "
        "the hinge loss, over training sets",
        "threshold": "above {correlation} (our threshold) on each task, at each n at which both have a standard "
        "deviation of {varies} or more",
        "note": "One of two readings: which training sets are good? Each training set has one network.",
        "settings": {"reading": "sets"},
    },
    "wu2019-correlated-sizes": {
        "statement": "Over sample sizes, the mean SVD estimate and the mean hinge test error correlate strongly.",
        "statistic": "Pearson's correlation between the mean SVD estimate and the mean test error of Model-Conv-k "
        "trained with the hinge loss, over the sample sizes",
        "threshold": "above {correlation} (our threshold) on each task",
        "note": "The other reading: how does the error fall with n? Both fall, so their ranks would always correlate. "
        "So we take Pearson's correlation.",
        "settings": {"reading": "sizes"},
    },
}


def evidence(tables: Tables, experiments: list[str], reading: str, correlation: float, varies: float) -> Evidence:
    """On each task one test, over sample sizes or over training sets at each size at which errors vary.

    Ref: wu2019, Section 3.2
    """
    sub_tests = []
    for task, hinge in rows_of(tables["linear"], experiments, model="conv", loss="hinge").groupby("task"):
        pairs = beside_estimates(hinge, rows_of(tables["asymptotics"], experiments, task=task))
        if reading == "sizes":
            sizes = [rows[["estimate", "hinge_error"]].to_numpy() for _, rows in pairs.dropna().groupby("n_train")]
            found, of = correlation_of_means(sizes), pairs["hinge_error"].to_numpy()
            sub_tests.append(bootstrap_test(f"{task}: over n", found, of, correlation))
            continue
        for n, rows in pairs.groupby("n_train"):
            x, y = (rows[name].dropna().to_numpy() for name in ("estimate", "hinge_error"))
            if len(x) > 1 and min(x.std(ddof=1), y.std(ddof=1)) >= varies:
                found = rank_correlation(x, y, np.zeros(len(x)))
                sub_tests.append(bootstrap_test(f"{task}: n = {n}", found, rows["hinge_error"].to_numpy(), correlation))
    if not sub_tests:
        raise InsufficientData(f"at no sample size do both errors have a standard deviation of {varies:g} or more")
    return sub_tests
