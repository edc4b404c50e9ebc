"""Under Theorem 5.1's settings, the test error is O(sqrt(d/m)), and the samples needed grow at most linearly in d.

Ref: brutzkus2021, Theorem 5.1
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, Test, slope_test
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "kind": "result",
    "statistic": "slope of log m(e) against log d, with m(e) the sample size with a mean error of e; slope of error "
    "√(m/d) against log m",
    "threshold": "the first slope is below {power} with e = {error}; the second is below 0 for each d",
    "figure": "brutzkus2021-thm5-1",
    "settings": {"error": 0.1, "power": 1.5},
}
CLAIMS = {
    "brutzkus2021-thm5.1-generalisation": {
        "quote": "Thus, the sample complexity is linear in d",
        "scope": "the settings of Theorem 5.1",
        "where": "Theorem 5.1 (2)",
        "statement": "Under Theorem 5.1's settings, the error is O(√(d/m)): samples needed grow at most linearly in d.",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float, power: float) -> Evidence:
    """One test over d, by the jackknife over seeds, and one test for each d.

    Ref: brutzkus2021, Theorem 5.1
    """
    runs = each(tables["detection"], experiments, "d", task="orthogonal", training="layerwise_limit")
    errors = {d: errors_by(rows, "n_train") for d, rows in runs.items()}
    sub_tests: list[Test] = [samples_test(f"slope of log m({error:g})", "d", errors, error, below=power)]
    for d, values in errors.items():
        m = values.columns.to_numpy(dtype=float)
        scale, tests = (m / d) ** 0.5, int(runs[d]["n_test"].min())
        sub_tests.append(
            slope_test(f"slope of error √(m/d), d = {d}", np.log(m), values * scale, below=0, trials=tests, scale=scale)
        )
    return sub_tests
