"""With more patterns, the MLP and the SVM need more samples, but ConvPool does not.

Ref: brutzkus2021, Section 6
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, Test
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "precision": 0.125,
    "looks": 3,
    "kind": "result",
    "statistic": "slope of log m(e) against log n_patterns; m(e) is the sample size with a mean error of e",
    "threshold": "e = {error}: above {power} for the MLP and the SVM, within {power} of 0 for ConvPool, trained with "
    "Adam and by Algorithm 1",
    "figure": "brutzkus2021-samples",
    "settings": {"error": 0.1, "power": 0.5},
}
CLAIMS = {
    "brutzkus2021-fc-samples": {
        "quote": "This gap suggests that CNNs should significantly outperform FCNs and linear SVM in our setting",
        "scope": "orthogonal patterns; bounds of O(n²) and O(d)",
        "where": "Section 6, Section 7",
        "statement": "With more patterns, the MLP and the SVM need more samples, but ConvPool does not.",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float, power: float) -> Evidence:
    """One test for each model and training, by the jackknife over its seeds.

    Ref: brutzkus2021, Section 6
    """
    sub_tests: list[Test] = []
    for model, training, name, above, below in (
        ("mlp", "adam", "MLP", power, inf),
        ("svm", "max_margin", "SVM", power, inf),
        ("conv_pool", "adam", "ConvPool with Adam", -power, power),
        ("conv_pool", "layerwise_limit", "ConvPool by Algorithm 1", -power, power),
    ):
        ours = {"task": "orthogonal", "model": model, "training": training}
        runs = each(tables["detection"], experiments, "n_patterns", **ours)
        errors = {n: errors_by(rows, "n_train") for n, rows in runs.items()}
        sub_tests.append(
            samples_test(f"slope of log m({error:g}) of {name}", "n_patterns", errors, error, above, below)
        )
    return sub_tests
