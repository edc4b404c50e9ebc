"""How near small initial weights bring the filter to the X-hinge limit.

Ref: wu2019, Lemma 1
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import counted, rows_of
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
TASKS = ("cls", "first_person", "third_person")
COMMON = {
    "kind": "extension",
    "scope": "the three tasks, n = 30, training sets on which σ₁ is simple; networks from b = 0.0001 to 1e-8",
    "where": "Lemma 1 (extended)",
    "figure": "wu2019-prediction",
}
CLAIMS = {
    "wu2019-small-b-law": {
        "statement": "As b goes to 0, the filter's angle to v falls like a power of b, which σ₁ and σ₂ give.",
        "statistic": "training sets on which the slope of the closed form, from b = 1e-60 to 1e-80, is farther than "
        "0.02 from 1 - log(1 + α σ₂) / log(1 + α σ₁)",
        "threshold": "none (our tolerance)",
        "settings": {"kind": ""},
    },
    "wu2019-small-b": {
        "precision": 0.0125,
        "looks": 2,
        "statement": "In training, too, the angle falls like this power of b until the first margin is 1.",
        "statistic": "slope of the log of the angle's tangent against log b, minus the power, for each training set",
        "threshold": "mean within {margin} of 0 (our threshold) on each task",
        "settings": {"kind": "first", "margin": 0.05},
    },
    "wu2019-small-b-end": {
        "precision": 0.0125,
        "looks": 2,
        "statement": "At the end of hinge training, too, the angle falls like this power of b.",
        "statistic": "slope of the log of the angle's tangent against log b, minus the power, for each training set",
        "threshold": "mean within {margin} of 0 (our threshold) on each task",
        "settings": {"kind": "end", "margin": 0.05},
        "note": "After the first margin, the samples that have theirs drop out of the hinge loss. The others pull the "
        "filter away from v.",
    },
}


def evidence(tables: Tables, experiments: list[str], kind: str, margin: float = 0) -> Evidence:
    """On each task, one test over training sets; for the law, a check with a case for each training set.

    Ref: wu2019, Lemma 1
    """
    if not kind:
        return [counted(tables["theory"], experiments, f"small_b_{task}_law_") for task in TASKS]
    sub_tests = []
    for task in TASKS:
        slope, power = (
            rows_of(tables["theory"], experiments, quantity=f"small_b_{task}_{name}").set_index("seed")["value"]
            for name in (f"{kind}_slope", "exponent")
        )
        off = (slope - power).to_numpy(dtype=float, na_value=np.nan)
        sub_tests.append(mean_test(f"{task}: slope - power", off, above=-margin, below=margin))
    return sub_tests
