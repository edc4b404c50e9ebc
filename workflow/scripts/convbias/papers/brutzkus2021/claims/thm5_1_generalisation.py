"""Under Theorem 5.1's settings, samples and steps grow at most linearly in d.

Ref: brutzkus2021, Theorem 5.1; Appendix A
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, each
from convbias.statistics.evidence import Check, Evidence, InsufficientData, Test, slope_test

TABLES = ("theory", "detection")
COMMON = {
    "precision": 0.25,
    "looks": 2,
    "kind": "result",
    "scope": "the settings of Theorem 5.1",
    "figure": "brutzkus2021-thm5-1",
}
CLAIMS = {
    "brutzkus2021-thm5.1-generalisation": {
        "quote": "Thus, the sample complexity is linear in d",
        "where": "Theorem 5.1 (2)",
        "statement": "Under Theorem 5.1's settings, the error is O(√(d/m)): samples needed grow at most linearly in d.",
        "statistic": "slope of log R² ||â||² against log d, one for each seed; test errors from m = {smallest} on",
        "threshold": "slope below 1; every test error at most {constant} √(d/m) (our constant)",
        "settings": {"quantity": "complexity", "smallest": 50, "constant": 1},
        "note": "The theorem promises nothing below m = 50. Its proof bounds the error by R² ||â||², which is O(d).",
    },
    "brutzkus2021-appendix-a": {
        "quote": "after O(d) iterations we converge to a solution whose margin is a 1/2-multiplicative approximation "
        "of the max margin",
        "where": "Appendix A",
        "statement": "The steps of gradient descent to half of the largest margin grow at most linearly in d.",
        "statistic": "slope of the log of the steps to half of the largest margin against log d, one for each seed",
        "threshold": "below 1",
        "settings": {"quantity": "half_margin_steps", "smallest": 50, "constant": 0},
    },
}


def evidence(tables: Tables, experiments: list[str], quantity: str, smallest: int, constant: float) -> Evidence:
    """One test over d. If there is a constant, also one check with a case for each trained network.

    Ref: brutzkus2021, Theorem 5.1; Appendix A

    Raises:
        InsufficientData: fewer than three d, or no networks with enough samples.
    """
    values = np.log(by_seed(tables["theory"], experiments, quantity, "d"))
    names = {"complexity": "slope of log R² ||â||²", "half_margin_steps": "slope of log steps to half of the margin"}
    sub_tests: list[Test | Check] = [
        slope_test(names[quantity], np.log(values.columns.to_numpy(dtype=float)), values, below=1)
    ]
    if constant:
        runs = each(tables["detection"], experiments, "d", task="orthogonal", training="layerwise_limit")
        large = [part[part["n_train"] >= smallest] for part in runs.values()]
        share = np.concatenate([part["test_error"] / (part["d"] / part["n_train"]) ** 0.5 for part in large])
        if not len(share):
            raise InsufficientData(f"no networks with {smallest} training samples or more")
        sub_tests.append(
            Check("test error over √(d/m)", len(share), int((~(share <= constant)).sum()), float(np.nanmax(share)))
        )
    return sub_tests
