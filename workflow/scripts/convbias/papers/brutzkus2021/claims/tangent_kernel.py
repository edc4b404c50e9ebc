"""The tangent kernel of a wide network approaches its closed form.

Ref: brutzkus2021, Equation 1
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed
from convbias.statistics.evidence import Evidence, slope_test

TABLES = ("theory",)
COMMON = {
    "looks": 2,
    "precision": 0.025,
    "kind": "extension",
    "scope": "initial weights of the usual law, orthogonal patterns, no noise",
    "where": "Equation 1 (extended)",
    "figure": "brutzkus2021-width",
}
CLAIMS = {
    "brutzkus2021-kernel-rate": {
        "statement": "The tangent kernel of a network approaches its closed form as one over the root of the width.",
        "statistic": "slope of the log of the relative distance against the log of the number of channels, one for "
        "each training set",
        "threshold": "between {above} and {below} (our threshold); the rate 1/√k has a slope of -0.5",
        "settings": {"above": -0.6, "below": -0.4},
    },
}


def evidence(tables: Tables, experiments: list[str], above: float, below: float) -> Evidence:
    """One test, on one slope per training set.

    Ref: brutzkus2021, Equation 1
    """
    values = np.log(by_seed(tables["theory"], experiments, "kernel_deviation", "k"))
    x = np.log(values.columns.to_numpy(dtype=float))
    return [slope_test("slope of the log distance", x, values, above, below)]
