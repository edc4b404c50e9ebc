"""Statistical tests and intervals, compared with libraries and exact probabilities; rows and pairs of claims."""

from math import inf

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.statistics.comparison import at_each_size, check_from, counted, differences, excess, over_sizes, rows_of
from convbias.statistics.evidence import Check, InsufficientData, bootstrap_test, mean_test, share_test
from convbias.statistics.summary import Bootstrap


def test_mean_test_is_students_test(rng):
    values = rng.normal(0.3, 1, size=20)
    result = mean_test("x", values, above=0.1)
    scipy_test = stats.ttest_1samp(values, 0.1, alternative="greater")
    assert result.p_supports == pytest.approx(scipy_test.pvalue)
    assert result.p_contradicts == pytest.approx(1 - scipy_test.pvalue)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (result.low, result.high) == pytest.approx((low, high)) and result.sample == 20 and result.left_out == 0


def test_two_bounds_need_two_one_sided_tests(rng):
    values = rng.normal(0.3, 1, size=50)
    result = mean_test("x", values, above=-0.5, below=0.5)
    lower = stats.ttest_1samp(values, -0.5, alternative="greater").pvalue
    upper = stats.ttest_1samp(values, 0.5, alternative="less").pvalue
    assert result.p_supports == pytest.approx(max(lower, upper))
    assert result.p_contradicts == pytest.approx(min(1, 2 * min(1 - lower, 1 - upper)))


def test_mean_of_zero_errors_has_the_exact_binomial_test():
    """No error among 5,000 test inputs gives the interval of Clopper and Pearson and the exact binomial test."""
    result = mean_test("x", np.zeros(5), below=0.001, trials=5000)
    scipy_test = stats.binomtest(0, 5000, 0.001, alternative="less")
    assert result.p_supports == pytest.approx(scipy_test.pvalue)
    assert result.high == pytest.approx(stats.binomtest(0, 5000).proportion_ci(0.95, "exact").high)
    assert mean_test("x", np.zeros(5), above=0, trials=5000).p_supports == 1
    steep = mean_test("x", np.zeros(5), below=0.001, trials=5000, scale=10)  # one error moves a value by 10
    assert steep.p_supports == pytest.approx((1 - 0.0001) ** 5000) and steep.high == pytest.approx(10 * result.high)


def test_mean_of_equal_values_is_above_a_distant_bound():
    result = mean_test("x", np.full(10, 0.25), above=0, trials=1000)
    assert result.p_supports == pytest.approx(0.75**1000) and result.p_contradicts == 1


def test_mean_test_keeps_its_level_if_few_training_sets_have_large_errors():
    """One in 20 training sets has a larger error, by 0.4, so the mean is 0.02. The test seldom finds it below 0.02."""
    stream, below = np.random.default_rng(1), 0
    for _ in range(2000):
        values = 0.4 * (stream.random(100) < 0.05)
        below += mean_test("x", values, below=0.02, trials=100, scale=0.5).p_supports <= 0.025
    assert below / 2000 <= 0.025
    spread = stream.normal(0, 0.1, size=100)  # values that all differ need no correction
    assert mean_test("x", spread, below=0.05, trials=3) == mean_test("x", spread, below=0.05)


def test_missing_values_are_counted_and_half_must_be_available():
    result = mean_test("x", [1.0, np.nan, 2.0, 3.0, 4.0], above=0)
    assert (result.sample, result.left_out, result.estimate) == (4, 1, 2.5)
    message = "n = 5: 2 of 5 values are available; at least half of them and at least two are needed"
    with pytest.raises(InsufficientData, match=f"^{message}$"):
        mean_test("n = 5", [1.0, np.nan, 2.0, np.nan, np.nan], above=0)
    with pytest.raises(InsufficientData, match="1 of 1 values"):
        mean_test("x", [1.0], above=0)


@pytest.mark.parametrize("hits", [0, 3, 20])
def test_share_test_is_the_exact_binomial_test(hits):
    result = share_test("x", np.arange(20) < hits, above=0.1, below=0.9)
    p_values = {side: [stats.binomtest(hits, 20, c, side).pvalue for c in (0.1, 0.9)] for side in ("greater", "less")}
    assert result.p_supports == pytest.approx(max(p_values["greater"][0], p_values["less"][1]))
    assert result.p_contradicts == pytest.approx(min(1, 2 * min(p_values["less"][0], p_values["greater"][1])))
    interval = stats.binomtest(hits, 20).proportion_ci(0.95, "exact")
    assert (result.low, result.high) == (interval.low, interval.high)
    with pytest.raises(InsufficientData, match="no networks match, so no proportion can be computed"):
        share_test("x", np.zeros(0, dtype=bool), above=0.5)


def test_bootstrap_test_counts_resamples_beyond_the_bound():
    samples = np.append(np.linspace(0, 1, 99), np.nan)
    result = bootstrap_test("x", Bootstrap(0.5, samples), np.zeros(40), above=0.25)
    assert result.p_supports == pytest.approx((1 + (samples <= 0.25).sum()) / 100)
    assert result.p_contradicts == pytest.approx((1 + (samples >= 0.25).sum()) / 100) and result.sample == 40
    with pytest.raises(InsufficientData, match=r"^x: there are no pairs$"):
        bootstrap_test("x", Bootstrap.nothing("there are no pairs"), np.zeros(0), above=0)
    with pytest.raises(InsufficientData, match=r"^x: never$"):
        bootstrap_test("x", Bootstrap(inf, np.full(99, inf), "never"), np.zeros(9), above=0)


def test_a_check_needs_at_least_one_case():
    assert Check("x", 10, 0).p_supports == 0 and Check("x", 10, 1).p_contradicts == 0
    with pytest.raises(InsufficientData, match=r"^x: there are no cases to check$"):
        Check("x", 0, 0)


def runs(experiment="own", **columns):
    default = {
        "experiment": experiment,
        "d": 100,
        "n_train": [5, 5, 30, 30],
        "seed": [0, 1, 0, 1],
        "stopped": "zero_loss",
    }
    return pd.DataFrame({**default, "test_error": [0.4, 0.3, 0.2, 0.1], **columns})


def test_rows_come_from_the_first_experiment_and_others_with_its_settings():
    table = pd.concat([runs("one", model="conv"), runs("two", model="conv"), runs("two", model="mlp")])
    assert set(rows_of(table, ["two", "one"], model="conv")["experiment"]) == {"two"}
    assert set(rows_of(table, ["one", "two"], model="mlp")["experiment"]) == {"two"}
    more = runs("three", model="mlp", seed=[0, 1, 2, 3])
    result = rows_of(pd.concat([table, more]), ["two", "three"], model="mlp")  # a network of both counts once
    assert result[["experiment", "n_train", "seed"]].to_numpy().tolist() == [
        *(["two", n, seed] for n in (5, 30) for seed in (0, 1)),
        ["three", 30, 2],
        ["three", 30, 3],
    ]
    steps = [some.assign(stopped="all_steps", steps=taken) for some, taken in ((table, 1000), (more, 5000))]
    assert len(rows_of(pd.concat(steps), ["two", "three"], model="mlp")) == 4
    assert len(rows_of(pd.concat([table, more.assign(d=50)]), ["two", "three"], model="mlp")) == 4  # other settings
    with pytest.raises(InsufficientData, match=r"^no rows with model = svm in one, two$"):
        rows_of(table, ["one", "two"], model="svm")


def test_differences_use_the_same_training_sets_and_finished_networks():
    other = runs(
        test_error=[0.1, 0.1, 0.1, 0.1], seed=[1, 0, 0, 5], stopped=["zero_loss", "diverged", *2 * ["all_steps"]]
    )
    pairs = differences(runs(), other)
    assert pairs[["n_train", "seed"]].to_numpy().tolist() == [[5, 0], [5, 1], [30, 0]]
    assert np.allclose(pairs["difference"], [np.nan, 0.2, 0.1], equal_nan=True)
    assert pairs[["trials", "scale"]].to_numpy().tolist() == [
        [0, 0.5],
        [1, 0.5],
        [1, 0.5],
    ]  # one trial per training set
    pairs = differences(runs(n_test=1000), other)
    assert pairs[["trials", "scale"]].to_numpy().tolist() == [[0, 1], [1000, 1], [1000, 1]]  # one trial per test input
    with pytest.raises(InsufficientData, match="have no n_train and seed in common"):
        differences(runs(), runs(seed=9))


def test_sample_sizes_are_tested_separately_and_together():
    pairs = differences(runs(), runs(test_error=[0.1, 0.1, 0.0, 0.0]))
    assert [(test.name, round(test.estimate, 3)) for test in at_each_size(pairs, above=0)] == [
        ("n = 5", 0.25),
        ("n = 30", 0.15),
    ]
    assert [test.name for test in at_each_size(pairs, above=0, prefix="MLP: ", smallest=6)] == ["MLP: n = 30"]
    together = over_sizes(pairs, 0, 5)
    incomplete = over_sizes(pd.concat([pairs, pairs[:1].assign(seed=7)]), 0, 5)  # seed 7 has one size only
    assert incomplete.estimate == together.estimate and incomplete.left_out == 1
    assert together.name == "mean over n ≥ 5" and together.estimate == pytest.approx(0.2) and together.sample == 2
    for test in (lambda: at_each_size(pairs, above=0, smallest=31), lambda: over_sizes(pairs, 0, 31)):
        with pytest.raises(InsufficientData, match="no training sets of 31 samples or more"):
            test()


def test_share_test_leaves_out_missing_values():
    result = share_test("x", np.array([1, 0, 1, np.nan]), above=0.1)
    assert (result.estimate, result.sample, result.left_out) == (pytest.approx(2 / 3), 3, 1)
    with pytest.raises(InsufficientData, match=r"^x: 1 of 3 values are available; at least half are needed$"):
        share_test("x", np.array([1, np.nan, np.nan]), above=0.1)


def counts(**values):
    rows = [(experiment, name, value) for experiment in ("one", "two") for name, value in values.items()]
    return pd.DataFrame(rows, columns=["experiment", "quantity", "value"])


def test_counts_of_the_first_experiment_are_added():
    table = counts(rate_cases=3.0, rate_violations=1.0, rate_deviation=0.5, cases=7.0)
    more = table.assign(value=2 * table["value"])
    both = pd.concat([table, more[more["experiment"] == "two"]])
    assert counted(both, ["two", "one"], "rate_") == Check("rate", 9, 3, 1.0, "largest deviation 1")
    assert counted(both, ["one", "two"], "rate_") == Check("rate", 3, 1, 0.5, "largest deviation 0.5")
    unknown = counted(counts(cases=5.0, violations=0.0), ["one"])
    assert (unknown.name, unknown.cases, unknown.violations) == ("in all", 5, 0) and np.isnan(unknown.estimate)
    for incomplete, message in (
        (table, "^no rows with quantity = violations in one$"),
        (counts(cases=5.0, violations=np.nan), "^one has 1 values of cases, but 0 of violations$"),
        (counts(cases=0.0, violations=0.0), "there are no cases to check"),
    ):
        with pytest.raises(InsufficientData, match=message):
            counted(incomplete, ["one"])


@pytest.mark.parametrize(
    ("fails", "cases", "violations", "start"),
    [([], 10, 0, 1), ([1, 2], 8, 0, 3), ([5], 5, 0, 6), ([6], 5, 1, 7), ([6, 10], 5, 2, inf)],
)
def test_check_from_finds_the_number_from_which_a_statement_holds(fails, cases, violations, start):
    """The numbers are 1 to 10. The statement must hold from 6 or less."""
    numbers = np.arange(1, 11)
    result = check_from("x", pd.Series(~np.isin(numbers, fails), numbers), 6)
    assert (result.cases, result.violations, result.estimate) == (cases, violations, start)
    with pytest.raises(InsufficientData, match=r"^x: there are no values at 11 or above$"):
        check_from("x", pd.Series(True, numbers), 11)


def test_excess_error_uses_finished_networks():
    pairs = excess(runs(stopped=["zero_loss", "diverged", *2 * ["zero_loss"]]), lambda n: 1 / n)
    assert np.allclose(pairs["difference"], [0.2, np.nan, 0.2 - 1 / 30, 0.1 - 1 / 30], equal_nan=True)
