"""With noise on the patterns many training sets are not linearly separable.

Ref: brutzkus2021, Figure 3
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, share_test

TABLES = ("detection",)
COMMON = {
    "kind": "statistical",
    "statistic": "share of training sets with n above the dimension of an input on which the SVM has a training error",
    "threshold": "above {many}; up to that dimension points in general position are always separable",
    "figure": "brutzkus2021-fig3",
    "settings": {"noise": 1, "many": 0.25},
}
CLAIMS = {
    "brutzkus2021-fig3b-separability": {
        "where": "Section 7, Figure 3 (b)",
        "statement": "With noise on the patterns the data is in many cases not linearly separable.",
    },
}


def evidence(tables: Tables, experiments: list[str], noise: float, many: float) -> Evidence:
    """One test: an SVM errs on its training set only where nothing separates it, which its certificate says.

    Up to n_patterns d points in general position in as many dimensions are linearly independent, so that some
    hyperplane separates them however they are labelled: only larger training sets say anything of the data. Shares
    differ by n, which makes their sum vary less than the binomial that it is compared with. SVMs without a certificate
    are left out and counted.

    Ref: brutzkus2021, Figure 3 (its caption)

    Raises:
        InsufficientData: no training set is larger.
    """
    runs = rows_of(tables["detection"], experiments, task="orthogonal", model="svm", training="max_margin", noise=noise)
    dimension = runs["n_patterns"] * runs["d"]
    large = runs[runs["n_train"] > dimension]
    if large.empty:
        raise InsufficientData(f"no training sets of more samples than an input has dimensions, {dimension.iloc[0]}")
    hits = (large["train_error"] > 0).astype(float).where(large["stopped"].isin(["separated", "not_separable"]))
    return [share_test("SVMs with a training error above 0", hits, above=many)]
