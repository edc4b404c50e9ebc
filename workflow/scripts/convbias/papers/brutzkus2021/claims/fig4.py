"""With more patterns per input, the MLP and the SVM get worse, and ConvPool only slightly.

Ref: brutzkus2021, Figure 4
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, InsufficientData, Test, slope_test

TABLES = ("detection",)
COMMON = {
    "kind": "observation",
    "statistic": "slope of the test error against log2 of the number of patterns, for each seed",
    "threshold": "above 0 for the MLP and the SVM, and still above 0 after subtracting {times} times the slope of "
    "ConvPool",
    "figure": "brutzkus2021-fig4",
    "settings": {"times": 2},
}
CLAIMS = {
    "brutzkus2021-fig4": {
        "quote": "performances of MLP and SVM deteriorate while that of ConvPool is only mildly affected",
        "scope": "noise of norm up to 1, 200 samples",
        "where": "Section 7, Figure 4",
        "statement": "More patterns per input make the MLP and the SVM worse, and ConvPool less than half as much.",
    },
}


def evidence(tables: Tables, experiments: list[str], times: float) -> Evidence:
    """Two tests for each baseline, at each number of training samples that all networks have.

    Ref: brutzkus2021, Figure 4
    """
    runs = {
        model: pd.concat(each(tables["detection"], experiments, "n_patterns", task="orthogonal", **how).values())
        for model, training in (("conv_pool", "adam"), ("mlp", "adam"), ("svm", "max_margin"))
        for how in [{"model": model, "training": training}]
    }
    sizes = set.intersection(
        *(set(part["n_train"]) for rows in runs.values() for _, part in rows.groupby("n_patterns"))
    )
    if not sizes:
        raise InsufficientData("no n_train is common to all numbers of patterns")
    sub_tests: list[Test] = []
    for size in sorted(sizes):
        here = {model: rows[rows["n_train"] == size] for model, rows in runs.items()}
        errors = {model: errors_by(rows, "n_patterns") for model, rows in here.items()}
        tests = min(int(rows["n_test"].min()) for rows in here.values())
        for model, name in (("mlp", "MLP"), ("svm", "SVM")):
            for label, values, scale in (
                (name, errors[model], 1),
                (f"{name} minus {times:g} × ConvPool", errors[model] - times * errors["conv_pool"], max(1, times)),
            ):
                x = np.log2(values.columns.to_numpy(dtype=float))
                sub_tests.append(
                    slope_test(f"slope of {label}, n = {size}", x, values, above=0, trials=tests, scale=scale)
                )
    return sub_tests
