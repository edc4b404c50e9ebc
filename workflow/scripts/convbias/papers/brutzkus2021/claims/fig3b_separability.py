"""With noise on the patterns, many training sets are not linearly separable.

Ref: brutzkus2021, Figure 3
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, share_test

TABLES = ("detection",)
COMMON = {
    "looks": 2,
    "kind": "observation",
    "statistic": "proportion of training sets on which the SVM has a training error, among those with n above the "
    "input dimension",
    "threshold": "above {many}; if n is at most the input dimension, points in general position are always separable",
    "figure": "brutzkus2021-fig3",
    "settings": {"noise": 1, "many": 0.25},
}
CLAIMS = {
    "brutzkus2021-fig3b-separability": {
        "quote": "we verified that for the linear model training error was non-zero in many of the cases",
        "scope": "noise of norm up to 1",
        "where": "Section 7, Figure 3 (b)",
        "statement": "With noise on the patterns, the data is in many cases not linearly separable.",
    },
}


def evidence(tables: Tables, experiments: list[str], noise: float, many: float) -> Evidence:
    """One test: an SVM has a training error only if no hyperplane separates its training set.

    The convergence status of the SVM shows this. Points in general position are linearly independent if there are at
    most n_patterns d of them. Some hyperplane then separates them for any labels, so only larger training sets depend
    on the data. Proportions differ by n, so their sum varies less than the binomial that it is compared with. SVMs
    without a convergence status are left out and counted.

    Ref: brutzkus2021, Figure 3 (its caption)

    Raises:
        InsufficientData: no training set has more samples than the input dimension.
    """
    runs = rows_of(tables["detection"], experiments, task="orthogonal", model="svm", training="max_margin", noise=noise)
    dimension = runs["n_patterns"] * runs["d"]
    large = runs[runs["n_train"] > dimension]
    if large.empty:
        raise InsufficientData(f"no training set has more samples than the input dimension, {dimension.iloc[0]}")
    hits = (large["train_error"] > 0).astype(float).where(large["stopped"].isin(["separated", "not_separable"]))
    return [share_test("SVMs with a training error above 0", hits, above=many)]
