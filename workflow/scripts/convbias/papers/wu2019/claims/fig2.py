"""Model-Conv-k generalises better than Model-1-Layer, except at small sample sizes.

Ref: wu2019, Figure 2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, over_sizes, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear",)
COMMON = {
    "precision": 0.005,
    "looks": 2,
    "kind": "observation",
    "statistic": "test error of Model-1-Layer minus that of Model-Conv-k on the same training set",
    "threshold": "mean over n ≥ {large} above 0, mean at each of these n above -{margin}, mean at the smallest n "
    "within {alike} of 0",
    "figure": "wu2019-fig2",
    "settings": {"large": 30, "margin": 0.02, "alike": 0.05},
}
CLAIMS = {
    "wu2019-fig2-cls": {
        "quote": "the two models perform similarly when n is small and Model-Conv-k outperforms Model-1-Layer when n "
        "grows larger",
        "scope": "Task-Cls, d = 100, k = 5, hinge loss",
        "over": "n",
        "where": "Section 1, Figure 2 (a)",
        "statement": "Model-Conv-k generalises better than Model-1-Layer on Task-Cls. At small n, the errors are "
        "similar.",
        "settings": {"task": "cls"},
    },
    "wu2019-fig2-first_person": {
        "quote": "Model-Conv-k outperforms Model-1-Layer on all of the three tasks",
        "scope": "Task-1stCtrl, d = 100, k = 5, hinge loss",
        "over": "n",
        "where": "Section 1, Figure 2 (b)",
        "statement": "Model-Conv-k generalises better than Model-1-Layer on Task-1stCtrl. At small n, the errors are "
        "similar.",
        "settings": {"task": "first_person"},
    },
    "wu2019-fig2-third_person": {
        "quote": "Model-Conv-k outperforms Model-1-Layer on all of the three tasks",
        "scope": "Task-3rdCtrl, d = 100, k = 5, hinge loss",
        "over": "n",
        "where": "Section 1, Figure 2 (c)",
        "statement": "Model-Conv-k generalises better than Model-1-Layer on Task-3rdCtrl. At small n, the errors are "
        "similar.",
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
