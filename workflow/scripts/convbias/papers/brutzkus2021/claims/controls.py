"""What the maximum, the ReLU and shared filters contribute: other poolings, and the network of Equation 8.

Ref: brutzkus2021, Equation 1; Equation 8; Section 7
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, each, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("detection",)
COMMON = {
    "precision": 0.005,
    "looks": 2,
    "kind": "extension",
    "scope": "the settings of Figure 3 with 100 channels, from 50 samples on",
    "figure": "brutzkus2021-controls",
    "over": "n",
}
CLAIMS = {
    "brutzkus2021-no-relu": {
        "looks": 3,
        "where": "Equation 1 (extended)",
        "statement": "Max-pooling generalises as well without the ReLU.",
        "statistic": "test error without the ReLU minus that of ConvPool, on the same training set",
        "threshold": "mean within {below} of 0 at each n, with and without noise (our threshold)",
        "settings": {"pair": ["max_no_relu", "conv_pool"], "noise": [0, 1], "above": -0.02, "below": 0.02},
    },
    "brutzkus2021-average-pooling": {
        "where": "Equation 1, Section 7 (extended)",
        "statement": "Without noise, average pooling also has a lower error than the MLP: shared filters suffice.",
        "statistic": "test error of the MLP minus that with average pooling, on the same training set",
        "threshold": "mean above {above} at each n (our threshold)",
        "settings": {"pair": ["mlp", "avg_pool"], "noise": [0], "above": 0.02, "below": None},
    },
    "brutzkus2021-average-pooling-noise": {
        "where": "Equation 1, Section 7 (extended)",
        "statement": "With noise, ConvPool has a lower error than average pooling: the maximum matters.",
        "statistic": "test error with average pooling minus that of ConvPool, on the same training set",
        "threshold": "mean above {above} at each n (our threshold)",
        "settings": {"pair": ["avg_pool", "conv_pool"], "noise": [1], "above": 0.02, "below": None},
    },
}
SMALLEST = 50


def evidence(
    tables: Tables, experiments: list[str], pair: list[str], noise: list[float], above: float, below: float | None
) -> Evidence:
    """For each level of noise, one test at each sample size that both networks have.

    Ref: brutzkus2021, Equation 1
    """
    sub_tests = []
    for level, rows in each(tables["detection"], experiments, "noise", model=pair[0], training="adam").items():
        if level in noise:
            other = rows_of(tables["detection"], experiments, model=pair[1], training="adam", noise=level)
            prefix = f"noise {level:g}: " if len(noise) > 1 else ""
            sub_tests += at_each_size(
                differences(rows, other), above, inf if below is None else below, prefix, smallest=SMALLEST
            )
    return sub_tests
