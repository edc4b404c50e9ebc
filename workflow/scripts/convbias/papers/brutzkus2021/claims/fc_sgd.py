"""The network of Equation 8 with its own descent, against the bound that Section 6 takes for it.

Ref: brutzkus2021, Equation 8; Section 6
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, slope_test
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "precision": 0.125,
    "kind": "extension",
    "scope": "orthogonal patterns without noise, l = d = 20, from 5 to 40 patterns per input",
    "figure": "brutzkus2021-samples",
    "settings": {"error": 0.1, "least": 0.5, "most": 2},
}
CLAIMS = {
    "brutzkus2021-fc-sgd": {
        "where": "Equation 8, Section 6 (extended)",
        "statement": "The network of Equation 8 needs more samples and updates with more patterns, at most like n².",
        "statistic": "slopes of log m({error}) and of the log of the number of updates against log n_patterns",
        "threshold": "samples: above {least} and below {most}; updates: below {most}, the power of the bound",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float, least: float, most: float) -> Evidence:
    """A test of the samples by the jackknife, and one of the updates at the largest sample size of each n.

    Ref: brutzkus2021, Section 6
    """
    runs = each(tables["detection"], experiments, "n_patterns", task="orthogonal", model="leaky_fc", training="sgd")
    errors = {n: errors_by(rows, "n_train") for n, rows in runs.items()}
    largest = {n: rows[rows["n_train"] == rows["n_train"].max()].set_index("seed") for n, rows in runs.items()}
    updates = np.log(
        pd.DataFrame({n: rows["steps"].where(rows["stopped"] == "zero_loss") for n, rows in largest.items()})
    )
    updates.columns.name = "n_patterns"
    x = np.log(updates.columns.to_numpy(dtype=float))
    return [
        samples_test(f"slope of log m({error:g})", "n_patterns", errors, error, least, most),
        slope_test("slope of log updates", x, updates, below=most),
    ]
