"""With more patterns per input, the MLP and the SVM get worse, and ConvPool only slightly.

Ref: brutzkus2021, Figure 4
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, InsufficientData, Test, jackknife_test, slope_test

TABLES = ("detection",)
COMMON = {"precision": 0.02, "figure": "brutzkus2021-fig4"}
CLAIMS = {
    "brutzkus2021-fig4": {
        "quote": "performances of MLP and SVM deteriorate while that of ConvPool is only mildly affected",
        "scope": "noise of norm up to 1, 200 samples",
        "where": "Section 7, Figure 4",
        "statement": "More patterns per input make the MLP and the SVM worse, and ConvPool less than half as much.",
        "kind": "observation",
        "statistic": "slope of the test error against log2 of the number of patterns, for each seed",
        "threshold": "above 0 for the MLP and the SVM, and still above 0 after subtracting {times} times the slope of "
        "ConvPool",
        "settings": {"times": 2},
        "note": "The sentence is about Figure 4, which shows errors, so we compare their growth.",
    },
    "brutzkus2021-fig4-relative": {
        "scope": "noise of norm up to 1, 200 samples",
        "where": "Section 7, Figure 4 (extended)",
        "statement": "In proportion to its own error, too, ConvPool suffers less from more patterns.",
        "kind": "extension",
        "statistic": "slope of the log of the mean error against log2 of the number of patterns, less that of ConvPool",
        "threshold": "above 0 for the MLP and the SVM",
        "settings": {"times": 0},
        "note": "The errors of the MLP and the SVM approach 1/2, so that they cannot grow much in proportion.",
    },
}


def evidence(tables: Tables, experiments: list[str], times: float) -> Evidence:
    """Tests for each baseline, at each number of training samples that all networks have.

    There are two tests of errors, or one of their logarithms if ``times`` is 0.

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
            if not times:
                sub_tests.append(_relative(f"{name} minus ConvPool, n = {size}", errors[model], errors["conv_pool"]))
                continue
            for label, values, scale in (
                (name, errors[model], 1),
                (f"{name} minus {times:g} × ConvPool", errors[model] - times * errors["conv_pool"], max(1, times)),
            ):
                x = np.log2(values.columns.to_numpy(dtype=float))
                sub_tests.append(
                    slope_test(f"slope of {label}, n = {size}", x, values, above=0, trials=tests, scale=scale)
                )
    return sub_tests


def _relative(name: str, baseline: pd.DataFrame, ours: pd.DataFrame) -> Test:
    """Whether the log of the baseline's mean error grows faster than that of ConvPool; a jackknife over the seeds."""
    seeds = sorted(set(baseline.dropna().index) & set(ours.dropna().index))
    if len(seeds) < 2 or baseline.shape[1] < 3:
        raise InsufficientData(f"{name}: a slope needs two seeds and three numbers of patterns")
    x = np.log2(baseline.columns.to_numpy(dtype=float))

    def slope(of: list[int]) -> float:
        means = np.array([table.loc[of].mean() for table in (baseline, ours)])
        if not (means > 0).all():
            raise InsufficientData(f"{name}: a mean error is 0, so it has no logarithm")
        one, other = np.polyfit(x, np.log(means).T, 1)[0]
        return float(one - other)

    without = [slope([other for other in seeds if other != seed]) for seed in seeds]
    return jackknife_test(name, slope(seeds), without, above=0)
