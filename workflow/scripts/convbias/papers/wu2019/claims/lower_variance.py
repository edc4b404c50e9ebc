"""The limit's error varies less over training sets than the error after training with hinge.

Ref: wu2019, Figure 5; Section 4
"""

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
from scipy import stats

from convbias.claims import Tables
from convbias.statistics.comparison import differences, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, Test, mean_test

TABLES = ("linear", "asymptotics")
COMMON = {
    "kind": "statistical",
    "statistic": "standard deviation of the SVD estimate over that of the test error of conv by hinge",
    "threshold": "below 1 at each n at which either is {varies} or more, on each task",
    "note": "Where σ₁ is degenerate, as it often is at the least n, Theorem 2's minimum makes the estimate an upper "
    "bound of the error; Figure 5 shows on which share of the training sets it is.",
    "figure": "wu2019-fig5",
    "settings": {"varies": 0.01},
}
CLAIMS = {
    "wu2019-lower-variance": {
        "where": "Section 4, Figure 5",
        "statement": "The SVD estimate has a lower variance than the test error of conv by hinge.",
    },
}


def evidence(tables: Tables, experiments: list[str], varies: float) -> Evidence:
    """On each task a test at each sample size at which errors vary.

    Ref: wu2019, Figure 5; Section 4
    """
    found = []
    for task, hinge in rows_of(tables["linear"], experiments, model="conv", loss="hinge").groupby("task"):
        limits = rows_of(tables["asymptotics"], experiments, task=task)
        pairs = differences(hinge, limits).merge(limits[["n_train", "seed", "test_error"]])
        for n, rows in pairs.groupby("n_train"):
            x = rows["test_error"].where(rows["difference"].notna())
            y = x + rows["difference"]
            test = spread_test(f"{task}: n = {n}", x, y)
            if max(x.std(), y.std()) >= varies:
                found.append(test)
    if not found:
        raise InsufficientData(
            f"there is no sample size at which errors have a standard deviation of {varies:g} or more"
        )
    return found


def spread_test(name: str, x: pd.Series, y: pd.Series) -> Test:
    """Whether the standard deviation of x is below that of y, of pairs, NaN where one is left out.

    Student's test that the mean of (x - mean)^2 - (y - mean)^2 is below 0: other than a bootstrap of the ratio, it
    holds its level where only a few values differ from the rest. The interval of the ratio, squared, has the q for
    which the mean of (x - mean)^2 - q (y - mean)^2 may be 0 (Fieller's).

    Ref: wu2019, Section 4 (a much lower variance)
    """
    a, b = ((values - values.mean()) ** 2 for values in (x, y))
    test = mean_test(name, a - b, below=0)
    ratio, (low, high) = a.mean() / b.mean() if b.any() else inf, fieller(a.dropna(), b.dropna())
    estimate, low, high = (max(0, float(value)) ** 0.5 for value in (ratio, low, high))
    return replace(test, estimate=estimate, low=low, high=high, below=1)


def fieller(a: pd.Series, b: pd.Series) -> tuple[float, float]:
    """The 95 % interval of the mean of a over that of b, neither of which has a negative value.

    It is the q at which the mean of a - q b is within Student's bounds, those between the roots of a parabola; it has
    no upper end where the mean of b is within them itself.
    """
    if not b.any():
        return inf, inf
    mean, squared = np.array([a.mean(), b.mean()]), stats.t.ppf(0.975, len(a) - 1) ** 2
    (aa, ab), (_, bb) = np.outer(mean, mean) - squared * np.cov(a, b) / len(a)
    root = max(0, ab**2 - aa * bb) ** 0.5
    return (ab - root) / bb if aa > 0 else 0, (ab + root) / bb if bb > 0 else inf
