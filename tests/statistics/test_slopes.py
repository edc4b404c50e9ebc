"""Tests of slopes, and the jackknife."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.statistics.evidence import InsufficientData, jackknife_test, mean_test, slope_test

X = np.array([0.0, 1, 2, 4])


def test_each_seed_has_a_least_squares_slope(rng):
    values = pd.DataFrame(rng.normal(size=(6, 4)), columns=X)
    values.iloc[2, 1] = np.nan  # three values are left, which are enough
    values.iloc[4, :2] = np.nan  # two values are too few
    found = slope_test("x", X, values, above=0)
    kept = [row[~np.isnan(row)] for row in values.to_numpy()]
    slopes = [
        stats.linregress(X[~np.isnan(row)], own).slope if len(own) >= 3 else np.nan
        for row, own in zip(values.to_numpy(), kept, strict=True)
    ]
    plain = mean_test("x", slopes, above=0)
    assert (found.estimate, found.low, found.p_supports) == pytest.approx((plain.estimate, plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (4 * 4 + 3, 5)


def test_the_trials_limit_the_precision_of_a_slope_without_errors():
    """The column with the largest weight has 4 x 100 trials. One error there moves a value by 3."""
    values = pd.DataFrame(np.zeros((4, 4)), columns=X)
    largest = abs(X - X.mean()).max() / ((X - X.mean()) ** 2).sum()
    found = slope_test("x", X, values, below=0.01, trials=100, scale=3)
    assert found.p_supports == pytest.approx((1 - 0.01 / (3 * largest)) ** 400) and found.low < 0 < found.high
    one_scale_per_column = slope_test("x", X, values, below=0.01, trials=100, scale=np.array([0, 0, 0, 3]))
    assert one_scale_per_column.p_supports == pytest.approx(found.p_supports)


def test_a_slope_needs_three_columns_and_half_of_the_seeds():
    values = pd.DataFrame(np.zeros((4, 4)), columns=X).rename_axis(columns="n")
    with pytest.raises(InsufficientData, match=r"^x: a slope needs at least 3 values of n; there are \[0.0, 1.0\]$"):
        slope_test("x", X[:2], values[[0.0, 1.0]], above=0)
    with pytest.raises(InsufficientData, match=r"^x: 0 of 4 values are available"):
        slope_test("x", X, values * np.nan, above=0, trials=10)


def test_the_jackknife_of_a_mean_is_students_test(rng):
    values = rng.normal(size=8)
    without = [np.delete(values, part).mean() for part in range(8)]
    found, plain = jackknife_test("x", values.mean(), [*without, np.nan], above=0), mean_test("x", values, above=0)
    assert (found.low, found.p_supports) == pytest.approx((plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (8, 1)
