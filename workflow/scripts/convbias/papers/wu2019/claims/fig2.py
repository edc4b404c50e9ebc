"""Model-Conv-k needs fewer samples than Model-1-Layer, once there are some.

Ref: wu2019, Figure 2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, over_sizes, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear",)
COMMON = {
    "kind": "statistical",
    "statistic": "test error of one layer minus that of conv on the same training set",
    "threshold": "mean over n ≥ {large} above 0, at each of them above -{margin}; within {alike} of 0 at the least n",
    "figure": "wu2019-fig2",
    "settings": {"large": 30, "margin": 0.02, "alike": 0.05},
}
CLAIMS = {
    "wu2019-fig2-cls": {
        "where": "Section 1, Figure 2 (a)",
        "statement": "Conv generalises better than one layer on Task-Cls, except at small n, where they are alike.",
        "settings": {"task": "cls"},
    },
    "wu2019-fig2-first_person": {
        "where": "Section 1, Figure 2 (b)",
        "statement": "Conv generalises better than one layer on Task-1stCtrl, except at small n, where they are alike.",
        "settings": {"task": "first_person"},
    },
    "wu2019-fig2-third_person": {
        "where": "Section 1, Figure 2 (c)",
        "statement": "Conv generalises better than one layer on Task-3rdCtrl, except at small n, where they are alike.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, large: int, margin: float, alike: float) -> Evidence:
    """One test over the large sample sizes, one at each of them, and one at the smallest size below them.

    Ref: wu2019, Figure 2
    """
    one_layer, conv = (
        rows_of(tables["linear"], experiments, task=task, model=model, loss="hinge") for model in ("one_layer", "conv")
    )
    pairs = differences(one_layer, conv)
    least = pairs[pairs["n_train"] == pairs.loc[pairs["n_train"] < large, "n_train"].min()]
    return [
        over_sizes(pairs, 0, large),
        *at_each_size(pairs, above=-margin, smallest=large),
        *at_each_size(least, above=-alike, below=alike),
    ]
