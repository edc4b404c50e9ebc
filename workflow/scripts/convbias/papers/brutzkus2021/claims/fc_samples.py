"""The samples that the MLP and the SVM need grow with the number of patterns, those of ConvPool do not.

Ref: brutzkus2021, Section 6
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, Test
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "kind": "statistical",
    "statistic": "slope of log m(e), the samples needed for a mean error e, over log n_patterns",
    "threshold": "e = {error}: above {power} for the MLP and the SVM, within {power} of 0 for ConvPool",
    "figure": "brutzkus2021-fig4",
    "settings": {"error": 0.1, "power": 0.5},
}
CLAIMS = {
    "brutzkus2021-fc-samples": {
        "where": "Section 6, Section 7",
        "statement": "The more patterns, the more samples the MLP and the SVM need, but not ConvPool.",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float, power: float) -> Evidence:
    """One test for each model, by the jackknife over its seeds.

    Ref: brutzkus2021, Section 6
    """
    found: list[Test] = []
    for model, training, name, above, below in (
        ("mlp", "adam", "MLP", power, inf),
        ("svm", "max_margin", "SVM", power, inf),
        ("conv_pool", "adam", "ConvPool", -power, power),
    ):
        ours = {"task": "orthogonal", "model": model, "training": training}
        runs = each(tables["detection"], experiments, "n_patterns", **ours)
        errors = {n: errors_by(rows, "n_train") for n, rows in runs.items()}
        found.append(samples_test(f"slope of log m({error:g}) of {name}", "n_patterns", errors, error, above, below))
    return found
