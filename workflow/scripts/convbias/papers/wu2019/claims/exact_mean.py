"""The mean error of the limit on drawn training sets agrees with its exact expectation.

Ref: wu2019, Figure 5; Theorem 4
"""

import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, excess, quantities, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("asymptotics", "theory")
COMMON = {
    "precision": 0.005,
    "kind": "extension",
    "scope": "Task-Cls, d = 100, k = 5",
    "where": "Figure 5 (a) (extended)",
    "over": "n",
    "statistic": "mean over training sets of the expected error of the X-hinge limit, minus its exact expectation",
    "threshold": "between -{margin} and {margin} (our threshold) at each n",
    "note": "The exact value is the middle of its two bounds, which are at most 0.005 apart.",
    "figure": "wu2019-fig5",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "wu2019-exact-mean": {
        "statement": "On Task-Cls, the mean error of the X-hinge limit on drawn training sets is the exact one.",
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float) -> Evidence:
    """One test at each sample size that both tables have.

    Ref: wu2019, Figure 5; Theorem 4
    """
    limits = rows_of(tables["asymptotics"], experiments, task="cls")
    theory = tables["theory"]
    own = theory[(theory["d"] == limits["d"].iloc[0]) & (theory["k"] == limits["k"].iloc[0])]
    value = quantities(own, experiments, ["limit_low", "limit_high"], by="n_train")["value"]
    middle: pd.Series = value.mean(axis=1)
    limits = limits[limits["n_train"].isin(middle.index)]
    expected = limits.assign(test_error=limits["gaussian_test_error"])
    return at_each_size(excess(expected, lambda n: middle[n].to_numpy()), above=-margin, below=margin)
