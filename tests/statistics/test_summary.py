"""Summaries of networks, and intervals of proportions, ratios and rank correlations."""

import numpy as np
import pytest
from scipy import stats

from convbias.statistics.summary import (
    _ranks,
    correlation_of_means,
    mean_interval,
    rank_correlation,
    select,
    share_interval,
    spread_ratio,
    summarise,
)
from made_wu2019_figures import tables


@pytest.fixture
def runs(rng):
    """Five networks of one experiment, with columns of categories as in the files."""
    where = {"task": "cls", "model": "conv", "loss": "hinge", "n_train": 10}
    return select(tables(rng)["linear"], ["own"], **where).reset_index(drop=True)


def test_the_mean_has_students_interval(runs):
    error = runs["test_error"]
    summary = summarise(runs, ["task", "n_train"]).iloc[0]
    low, high = stats.ttest_1samp(error, 0).confidence_interval(0.95)
    assert summary["mean"] == pytest.approx(error.mean()) and summary["sd"] == pytest.approx(error.std(ddof=1))
    assert (summary["low"], summary["high"]) == pytest.approx((low, high))
    assert (summary["p10"], summary["p90"]) == pytest.approx(tuple(np.quantile(error, [0.1, 0.9])))
    assert (summary["networks"], summary["left_out"]) == (5, 0)


def test_networks_without_a_result_are_left_out_and_counted(runs):
    runs.loc[0, ["stopped", "test_error"]] = ["diverged", np.nan]
    runs.loc[1, ["stopped", "test_error"]] = ["step_limit", 0.9]
    summary = summarise(runs, ["task", "n_train"]).iloc[0]
    assert (summary["networks"], summary["left_out"]) == (3, 2)
    assert summary["mean"] == pytest.approx(runs.loc[2:, "test_error"].mean())


def test_the_rank_correlation_is_spearmans_averaged_over_groups(rng):
    x, group = rng.normal(size=60), np.repeat([0, 1], 30)
    y = x + rng.normal(size=60)
    value, low, high = rank_correlation(x, y, group).interval()
    each = [stats.spearmanr(x[group == g], y[group == g]) for g in (0, 1)]
    assert value == pytest.approx(np.mean([one.statistic for one in each]))
    assert low < value < high and high - low < 0.5
    shifted = rank_correlation(x + 100 * group, np.exp(y) - 50 * group, group).interval()  # groups may have any offset
    assert shifted == (value, low, high)
    assert np.isnan(rank_correlation(x, np.ones(60), group).interval()).all()
    assert np.isnan(rank_correlation(x[:2], y[:2], group[:2]).interval()).all()


def test_ranks_of_resamples_are_scipys(rng):
    values, drawn = rng.integers(5, size=12).astype(float), rng.integers(12, size=(50, 12))
    assert np.array_equal(_ranks(values, drawn), stats.rankdata(values[drawn], axis=1))


def test_the_interval_of_the_rank_correlation_covers(rng):
    """Of 200 samples from a bivariate normal distribution, about 95 % of the intervals contain the true value."""
    r, hits = 0.6, 0
    truth = 6 / np.pi * np.arcsin(r / 2)
    for _ in range(200):
        x, z = rng.normal(size=(2, 50))
        _, low, high = rank_correlation(x, r * x + (1 - r**2) ** 0.5 * z, np.zeros(50)).interval()
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_proportions_have_the_exact_binomial_interval():
    hits = np.array([True] * 97 + [False] * 3)
    low, high = stats.binomtest(97, 100).proportion_ci(0.95, "exact")
    assert share_interval(hits) == (0.97, low, high)
    assert share_interval(np.zeros(10, dtype=bool))[:2] == (0.0, 0.0)


def test_the_ratio_of_two_standard_deviations(rng):
    x, y = 3 * rng.normal(size=400), rng.normal(size=400)
    value, low, high = spread_ratio(x, y).interval()
    assert value == pytest.approx(x.std() / y.std()) and low < 3 < high and high - low < 1
    assert np.isnan(spread_ratio(x, np.ones(400)).interval()).all()


def test_statistics_of_too_few_values_are_empty():
    empty = np.array([])
    for interval in (
        mean_interval(empty),
        mean_interval(np.ones(1)),
        share_interval(empty),
        spread_ratio(empty, empty).interval(),
        rank_correlation(empty, empty, empty).interval(),
    ):
        assert np.isnan(interval).all() and len(interval) == 3


def groups_of_pairs(rng, sizes=(4, 9, 9, 30)):
    x = [mean + rng.normal(size=size) for mean, size in enumerate(sizes)]
    return [np.column_stack([each, each + 3 * rng.random(len(each))]) for each in x]


def test_the_correlation_of_means_is_over_groups(rng):
    groups = groups_of_pairs(rng)
    found = correlation_of_means(groups)
    assert found.estimate == pytest.approx(np.corrcoef(np.array([group.mean(0) for group in groups]).T)[0, 1])
    assert found.samples.std() > 0 and len(found.samples) == 9999


def test_resamples_of_groups_keep_pairs_together(rng):
    found = correlation_of_means(
        [np.column_stack([group[:, 0], 2 * group[:, 0] + 1]) for group in groups_of_pairs(rng)]
    )
    assert found.estimate == pytest.approx(1) and found.samples == pytest.approx(1)


def test_a_correlation_of_means_needs_three_groups(rng):
    found = correlation_of_means(groups_of_pairs(rng)[:2])
    assert found.why == "a correlation of means needs at least three groups; there are 2" and not len(found.samples)
