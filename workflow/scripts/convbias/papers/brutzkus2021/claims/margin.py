"""Why no d appears: filters become detectors at a rate that does not fall with d, so the margin does not shrink.

Ref: brutzkus2021, Section 5; Appendix E
"""

from math import inf

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, rows_of
from convbias.statistics.evidence import Check, Evidence, Test, slope_test

TABLES = ("theory",)
COMMON = {
    "precision": 0.125,
    "looks": 2,
    "kind": "extension",
    "scope": "the settings of Theorem 5.1",
    "figure": "brutzkus2021-margin",
}
CLAIMS = {
    "brutzkus2021-margin": {
        "where": "Appendix E (extended)",
        "statement": "The margin after the first layer does not shrink as d grows.",
        "statistic": "slope of log R² ||â||² against log d, one for each seed",
        "threshold": "between {above} and {below}; the proof's bound has a slope of 1",
        "settings": {"quantity": "complexity", "above": -0.5, "below": 0.5},
    },
    "brutzkus2021-detectors": {
        "where": "Section 5 (extended)",
        "statement": "The share of filters that become detectors does not fall with d, unlike that of lucky ones.",
        "statistic": "slope of the log of the share against log d, one for each seed; detectors that did not "
        "respond to their pattern at the start",
        "threshold": "slope above {above}, that of lucky filters is about -1; no such detector",
        "settings": {"quantity": "detector_share", "above": -0.5, "below": None},
        "note": "A filter that starts with a positive response to its pattern often becomes a detector, because the "
        "drift along spurious patterns has a random sign. A filter without it never does.",
    },
}


def evidence(tables: Tables, experiments: list[str], quantity: str, above: float, below: float | None) -> Evidence:
    """One test over d. For detectors, also a check with a case for each network.

    Ref: brutzkus2021, Section 5; Appendix E
    """
    values = np.log(by_seed(tables["theory"], experiments, quantity, "d"))
    x = np.log(values.columns.to_numpy(dtype=float))
    names = {"complexity": "slope of log R² ||â||²", "detector_share": "slope of the log of the share of detectors"}
    sub_tests: list[Test | Check] = [
        slope_test(names[quantity], x, values, above=above, below=inf if below is None else below)
    ]
    if quantity == "detector_share":
        found = rows_of(tables["theory"], experiments, quantity="detector_exceptions")["value"]
        sub_tests.append(Check("networks with an exception", len(found), int((found > 0).sum()), float(found.max())))
    return sub_tests
