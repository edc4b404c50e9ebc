"""The SVD estimate varies less over training sets than the test error of hinge training.

Ref: wu2019, Figure 5; Section 4
"""

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
from scipy import stats

from convbias.claims import Tables
from convbias.papers.wu2019.estimates import beside_estimates
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, Test, mean_test

TABLES = ("linear", "asymptotics")
COMMON = {
    "precision": 0.1,
    "kind": "observation",
    "looks": 2,
    "quote": "The asymptotic quantity has a much lower variance which only comes from the randomization of the "
    "training set",
    "scope": "the three tasks",
    "over": "n",
    "where": "Section 4, Figure 5",
    "threshold": "below 1 on each task, at each n at which one of the two is {varies} or more",
    "figure": "wu2019-fig5",
    "settings": {"varies": 0.01},
}
CLAIMS = {
    "wu2019-lower-variance": {
        "statement": "The SVD estimate has a lower variance than the hinge test error of Model-Conv-k.",
        "statistic": "standard deviation of the SVD estimate divided by that of the hinge test error of Model-Conv-k",
        "note": "One of two readings. If σ₁ is degenerate, as is often the case at the smallest n, Theorem 2's minimum "
        "makes the estimate an upper bound of the error. Figure 5 shows the proportion of such training sets.",
        "settings": {"quantity": "test_error"},
    },
    "wu2019-lower-variance-limit": {
        "statement": "The expected error of the X-hinge limit varies less than the hinge error of Model-Conv-k.",
        "statistic": "standard deviation of E_inf, the expected error of the limit on a training set, divided by that "
        "of the hinge test error of Model-Conv-k",
        "note": "The other reading. E_inf is the SVD estimate if σ₁ is simple. Otherwise it is the expectation over "
        "Gaussian initial weights. On Task-3rdCtrl, hinge training varies less at large n, since the limit is biased.",
        "settings": {"quantity": "gaussian_test_error"},
    },
}


def evidence(tables: Tables, experiments: list[str], quantity: str, varies: float) -> Evidence:
    """On each task, one test at each sample size at which errors vary.

    Ref: wu2019, Figure 5; Section 4
    """
    sub_tests = []
    for task, hinge in rows_of(tables["linear"], experiments, model="conv", loss="hinge").groupby("task"):
        limits = rows_of(tables["asymptotics"], experiments, task=task)
        limits = limits.assign(test_error=limits[quantity])
        for n, rows in beside_estimates(hinge, limits).groupby("n_train"):
            x, y = rows["estimate"], rows["hinge_error"]
            test = spread_test(f"{task}: n = {n}", x, y)
            if max(x.std(), y.std()) >= varies:
                sub_tests.append(test)
    if not sub_tests:
        raise InsufficientData(f"at no sample size do the errors have a standard deviation of {varies:g} or more")
    return sub_tests


def spread_test(name: str, x: pd.Series, y: pd.Series) -> Test:
    """Test whether the standard deviation of x is below that of y, for pairs; NaN marks a pair that is left out.

    This is Student's test that the mean of (x - mean)^2 - (y - mean)^2 is below 0. Unlike a bootstrap of the ratio, it
    holds its level if only a few values differ from the rest. The interval of the squared ratio is Fieller's. It
    contains each q for which the mean of (x - mean)^2 - q (y - mean)^2 may be 0.

    Ref: wu2019, Section 4 (a much lower variance)
    """
    a, b = ((values - values.mean()) ** 2 for values in (x, y))
    test = mean_test(name, a - b, below=0)
    ratio, (low, high) = a.mean() / b.mean() if b.any() else inf, fieller(a.dropna(), b.dropna())
    estimate, low, high = (max(0, float(value)) ** 0.5 for value in (ratio, low, high))
    return replace(test, estimate=estimate, low=low, high=high, below=1)


def fieller(a: pd.Series, b: pd.Series) -> tuple[float, float]:
    """The 95 % interval of the mean of a divided by that of b; neither has a negative value.

    It contains each q at which the mean of a - q b is within Student's bounds, that is, between the roots of a
    parabola. It has no upper end if the mean of b is itself within the bounds.
    """
    if not b.any():
        return inf, inf
    mean, squared = np.array([a.mean(), b.mean()]), stats.t.ppf(0.975, len(a) - 1) ** 2
    (aa, ab), (_, bb) = np.outer(mean, mean) - squared * np.cov(a, b) / len(a)
    root = max(0, ab**2 - aa * bb) ** 0.5
    return (ab - root) / bb if aa > 0 else 0, (ab + root) / bb if bb > 0 else inf
