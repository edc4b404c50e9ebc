"""How well the closed form of X-hinge predicts the hinge test error of each initialisation, without training.

Ref: wu2019, Section 6 (future work: how good a weight initialisation is)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "looks": 2,
    "kind": "extension",
    "scope": "the three tasks, d = 100, k = 5, hinge loss",
    "over": "n",
    "where": "Section 6 (extended)",
    "figure": "wu2019-prediction",
}
CLAIMS = {
    "wu2019-predicted-error": {
        "precision": 0.0125,
        "statement": "The error of X-hinge at a mean margin of 1, in closed form, predicts the hinge error of each "
        "network.",
        "statistic": "mean distance between the prediction and the test error, over initial weights on one training "
        "set",
        "threshold": "mean over training sets below {below} (our threshold) on each task, at each n",
        "settings": {"quantities": ["mean_gap"], "below": 0.05},
    },
    "wu2019-predicted-order": {
        "precision": 0.05,
        "statement": "The predicted error tells good initial weights from bad ones.",
        "statistic": "Spearman's correlation between the prediction and the test error, over initial weights on one "
        "training set",
        "threshold": "mean over training sets above {above} (our threshold) on each task, at each n",
        "settings": {"quantities": ["mean_correlation"], "above": 0.7},
    },
    "wu2019-predicted-best": {
        "precision": 0.005,
        "statement": "The predicted error is closer than those of the first margin of 1 and of the X-hinge limit.",
        "statistic": "mean distance between the prediction and the test error, minus that of the other prediction, on "
        "one training set",
        "threshold": "mean over training sets below {below} on each task, at each n",
        "settings": {"quantities": ["first_gap", "limit_gap"], "less": "mean_gap", "below": 0.0},
    },
}
NAMES = {"mean_gap": "", "mean_correlation": "", "first_gap": ", first margin", "limit_gap": ", limit"}


def evidence(
    tables: Tables,
    experiments: list[str],
    quantities: list[str],
    less: str = "",
    above: float = -inf,
    below: float = inf,
) -> Evidence:
    """On each task, one test at each sample size, over training sets.

    Ref: wu2019, Section 6
    """
    sub_tests = []
    for task in ("cls", "first_person", "third_person"):
        for quantity in quantities:
            values = by_seed(tables["theory"], experiments, f"prediction_{task}_{quantity}", "n_train")
            if less:
                values = by_seed(tables["theory"], experiments, f"prediction_{task}_{less}", "n_train") - values
            for n, own in values.items():
                sub_tests.append(mean_test(f"{task}{NAMES[quantity]}: n = {n:g}", own.to_numpy(), above, below))
    return sub_tests
