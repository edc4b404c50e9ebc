"""Where fully connected ReLU networks have errors on Task-Cls, in addition to those that no such network can avoid.

Ref: wu2019, Section 6
"""

from convbias.claims import Tables
from convbias.papers.wu2019.relu_networks import NETWORKS
from convbias.statistics.comparison import CHANCE, by_seed
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "precision": 0.005,
    "kind": "extension",
    "scope": "Task-Cls, depth 2 and 3, gradient descent and Adam, hinge loss",
    "where": "Section 6 (extended)",
    "over": "n",
    "figure": "wu2019-fully-connected",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "wu2019-relu-at-bound": {
        "statement": "Fully connected ReLU networks have no more errors than the bound 1/2 (1-1/d)^n.",
        "note": "The error at all other positions is 1/2 on average, by wu2019-fully-connected.",
        "statistic": "mean of the part of the test error that is at positions with a sample",
        "threshold": "below {margin} (our threshold) at each n",
        "settings": {"minus_chance": False},
    },
    "wu2019-relu-unseen-points": {
        "statement": "Fully connected ReLU networks guess at every point outside the training set, also at -e_j after "
        "e_j.",
        "note": "The error would then be 1/2 (1-1/2d)^n, as if the two points of a position had nothing in common.",
        "statistic": "the same, minus half the proportion of points that are not in the training set and have the "
        "position of a sample",
        "threshold": "between -{margin} and {margin} (our threshold) at each n",
        "settings": {"minus_chance": True},
    },
}


def evidence(tables: Tables, experiments: list[str], minus_chance: bool, margin: float) -> Evidence:
    """At each sample size, one test over training sets for each depth and training.

    Ref: wu2019, Section 6 (non-linearity)
    """
    tests = []
    for key, name in NETWORKS.items():
        seen, chance = (
            by_seed(tables["theory"], experiments, f"relu_{key}_{of}", "n_train") for of in ("seen", "chance")
        )
        for n, values in (seen - chance if minus_chance else seen).items():
            bounds = {"above": -margin, "below": margin} if minus_chance else {"below": margin}
            tests.append(mean_test(f"{name}: n = {n:g}", values, trials=values.notna().sum(), scale=CHANCE, **bounds))
    return tests
