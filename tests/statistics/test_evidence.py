"""Tests, intervals and p-values against the libraries' and against exact probabilities."""

from math import inf

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.statistics.comparison import at_each_size, check_from, counted, differences, excess, over_sizes, rows_of
from convbias.statistics.evidence import Check, InsufficientData, bootstrap_test, mean_test, share_test
from convbias.statistics.summary import Bootstrap


def test_the_mean_is_tested_by_students_test(rng):
    values = rng.normal(0.3, 1, size=20)
    found = mean_test("x", values, above=0.1)
    library = stats.ttest_1samp(values, 0.1, alternative="greater")
    assert found.p_supports == pytest.approx(library.pvalue)
    assert found.p_contradicts == pytest.approx(1 - library.pvalue)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high)) and found.sample == 20 and found.left_out == 0


def test_equivalence_takes_two_one_sided_tests(rng):
    values = rng.normal(0.3, 1, size=50)
    found = mean_test("x", values, above=-0.5, below=0.5)
    lower = stats.ttest_1samp(values, -0.5, alternative="greater").pvalue
    upper = stats.ttest_1samp(values, 0.5, alternative="less").pvalue
    assert found.p_supports == pytest.approx(max(lower, upper))
    assert found.p_contradicts == pytest.approx(min(1, 2 * min(1 - lower, 1 - upper)))


def test_a_mean_of_no_errors_is_known_as_well_as_its_trials_allow():
    """With no error among 5,000 test inputs: Clopper and Pearson's interval, and the exact binomial test."""
    found = mean_test("x", np.zeros(5), below=0.001, trials=5000)
    library = stats.binomtest(0, 5000, 0.001, alternative="less")
    assert found.p_supports == pytest.approx(library.pvalue)
    assert found.high == pytest.approx(stats.binomtest(0, 5000).proportion_ci(0.95, "exact").high)
    assert mean_test("x", np.zeros(5), above=0, trials=5000).p_supports == 1
    steep = mean_test("x", np.zeros(5), below=0.001, trials=5000, scale=10)  # an error moves a value by 10
    assert steep.p_supports == pytest.approx((1 - 0.0001) ** 5000) and steep.high == pytest.approx(10 * found.high)


def test_a_mean_that_does_not_vary_is_above_what_is_far_below_it():
    found = mean_test("x", np.full(10, 0.25), above=0, trials=1000)
    assert found.p_supports == pytest.approx(0.75**1000) and found.p_contradicts == 1


def test_a_rare_training_set_that_errs_much_is_reckoned_with():
    """Of 100 training sets one in 20 errs by .4 more: the mean is .02, and is not found to be below that too often."""
    stream, below = np.random.default_rng(1), 0
    for _ in range(2000):
        values = 0.4 * (stream.random(100) < 0.05)
        below += mean_test("x", values, below=0.02, trials=100, scale=0.5).p_supports <= 0.025
    assert below / 2000 <= 0.025
    spread = stream.normal(0, 0.1, size=100)  # that vary, and show how well their mean is known
    assert mean_test("x", spread, below=0.05, trials=3) == mean_test("x", spread, below=0.05)


def test_values_left_out_are_counted_and_half_must_be_there():
    found = mean_test("x", [1.0, np.nan, 2.0, 3.0, 4.0], above=0)
    assert (found.sample, found.left_out, found.estimate) == (4, 1, 2.5)
    message = "n = 5: 2 of 5 values are there; at least half and two are needed"
    with pytest.raises(InsufficientData, match=f"^{message}$"):
        mean_test("n = 5", [1.0, np.nan, 2.0, np.nan, np.nan], above=0)
    with pytest.raises(InsufficientData, match="1 of 1 values"):
        mean_test("x", [1.0], above=0)


@pytest.mark.parametrize("hits", [0, 3, 20])
def test_a_share_is_tested_by_the_binomial_test(hits):
    found = share_test("x", np.arange(20) < hits, above=0.1, below=0.9)
    sides = {side: [stats.binomtest(hits, 20, c, side).pvalue for c in (0.1, 0.9)] for side in ("greater", "less")}
    assert found.p_supports == pytest.approx(max(sides["greater"][0], sides["less"][1]))
    assert found.p_contradicts == pytest.approx(min(1, 2 * min(sides["less"][0], sides["greater"][1])))
    interval = stats.binomtest(hits, 20).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == (interval.low, interval.high)
    with pytest.raises(InsufficientData, match="nothing to take a share of"):
        share_test("x", np.zeros(0, dtype=bool), above=0.5)


def test_the_bootstrap_counts_resamples_beyond_the_bound():
    samples = np.append(np.linspace(0, 1, 99), np.nan)
    found = bootstrap_test("x", Bootstrap(0.5, samples), np.zeros(40), above=0.25)
    assert found.p_supports == pytest.approx((1 + (samples <= 0.25).sum()) / 100)
    assert found.p_contradicts == pytest.approx((1 + (samples >= 0.25).sum()) / 100) and found.sample == 40
    with pytest.raises(InsufficientData, match=r"^x: there are no pairs$"):
        bootstrap_test("x", Bootstrap.nothing("there are no pairs"), np.zeros(0), above=0)
    with pytest.raises(InsufficientData, match=r"^x: never$"):
        bootstrap_test("x", Bootstrap(inf, np.full(99, inf), "never"), np.zeros(9), above=0)


def test_a_check_needs_a_case():
    assert Check("x", 10, 0).p_supports == 0 and Check("x", 10, 1).p_contradicts == 0
    with pytest.raises(InsufficientData, match=r"^x: there is no case to check$"):
        Check("x", 0, 0)


def runs(experiment="own", **columns):
    made = {"experiment": experiment, "d": 100, "n_train": [5, 5, 30, 30], "seed": [0, 1, 0, 1], "stopped": "zero_loss"}
    return pd.DataFrame({**made, "test_error": [0.4, 0.3, 0.2, 0.1], **columns})


def test_rows_are_those_of_the_first_experiment_that_has_any_and_of_others_like_it():
    table = pd.concat([runs("one", model="conv"), runs("two", model="conv"), runs("two", model="mlp")])
    assert set(rows_of(table, ["two", "one"], model="conv")["experiment"]) == {"two"}
    assert set(rows_of(table, ["one", "two"], model="mlp")["experiment"]) == {"two"}
    more = runs("three", model="mlp", seed=[0, 1, 2, 3])
    found = rows_of(pd.concat([table, more]), ["two", "three"], model="mlp")  # the first wins where both have a network
    assert found[["experiment", "n_train", "seed"]].to_numpy().tolist() == [
        *(["two", n, seed] for n in (5, 30) for seed in (0, 1)),
        ["three", 30, 2],
        ["three", 30, 3],
    ]
    steps = [part.assign(stopped="all_steps", steps=taken) for part, taken in ((table, 1000), (more, 5000))]
    assert len(rows_of(pd.concat(steps), ["two", "three"], model="mlp")) == 4
    assert len(rows_of(pd.concat([table, more.assign(d=50)]), ["two", "three"], model="mlp")) == 4  # other settings
    with pytest.raises(InsufficientData, match=r"^no rows with model = svm in one, two$"):
        rows_of(table, ["one", "two"], model="svm")


def test_differences_are_of_the_same_training_sets_and_of_finished_networks():
    other = runs(
        test_error=[0.1, 0.1, 0.1, 0.1], seed=[1, 0, 0, 5], stopped=["zero_loss", "diverged", *2 * ["all_steps"]]
    )
    pairs = differences(runs(), other)
    assert pairs[["n_train", "seed"]].to_numpy().tolist() == [[5, 0], [5, 1], [30, 0]]
    assert np.allclose(pairs["difference"], [np.nan, 0.2, 0.1], equal_nan=True)
    assert pairs[["trials", "scale"]].to_numpy().tolist() == [[0, 0.5], [1, 0.5], [1, 0.5]]  # training sets
    pairs = differences(runs(n_test=1000), other)
    assert pairs[["trials", "scale"]].to_numpy().tolist() == [[0, 1], [1000, 1], [1000, 1]]  # test inputs
    with pytest.raises(InsufficientData, match="have no n_train and seed in common"):
        differences(runs(), runs(seed=9))


def test_sizes_are_tested_one_by_one_and_together():
    pairs = differences(runs(), runs(test_error=[0.1, 0.1, 0.0, 0.0]))
    assert [(test.name, round(test.estimate, 3)) for test in at_each_size(pairs, above=0)] == [
        ("n = 5", 0.25),
        ("n = 30", 0.15),
    ]
    assert [test.name for test in at_each_size(pairs, above=0, prefix="MLP: ", smallest=6)] == ["MLP: n = 30"]
    together = over_sizes(pairs, 0, 5)
    partly = over_sizes(pd.concat([pairs, pairs[:1].assign(seed=7)]), 0, 5)  # a seed that lacks a size
    assert partly.estimate == together.estimate and partly.left_out == 1
    assert together.name == "mean over n ≥ 5" and together.estimate == pytest.approx(0.2) and together.sample == 2
    for test in (lambda: at_each_size(pairs, above=0, smallest=31), lambda: over_sizes(pairs, 0, 31)):
        with pytest.raises(InsufficientData, match="no training sets of 31 samples or more"):
            test()


def test_a_share_leaves_out_what_is_lacking():
    found = share_test("x", np.array([1, 0, 1, np.nan]), above=0.1)
    assert (found.estimate, found.sample, found.left_out) == (pytest.approx(2 / 3), 3, 1)
    with pytest.raises(InsufficientData, match=r"^x: 1 of 3 values are there; at least half are needed$"):
        share_test("x", np.array([1, np.nan, np.nan]), above=0.1)


def counts(**values):
    rows = [(experiment, name, value) for experiment in ("one", "two") for name, value in values.items()]
    return pd.DataFrame(rows, columns=["experiment", "quantity", "value"])


def test_counts_of_one_experiment_add_up():
    table = counts(rate_cases=3.0, rate_violations=1.0, rate_deviation=0.5, cases=7.0)
    more = table.assign(value=2 * table["value"])
    both = pd.concat([table, more[more["experiment"] == "two"]])
    assert counted(both, ["two", "one"], "rate_") == Check("rate", 9, 3, 1.0, "largest deviation 1")
    assert counted(both, ["one", "two"], "rate_") == Check("rate", 3, 1, 0.5, "largest deviation 0.5")
    unknown = counted(counts(cases=5.0, violations=0.0), ["one"])
    assert (unknown.name, unknown.cases, unknown.violations) == ("in all", 5, 0) and np.isnan(unknown.estimate)
    for lacking, message in (
        (table, "^no rows with quantity = violations in one$"),
        (counts(cases=5.0, violations=np.nan), "^one has 1 values of cases and 0 of its violations$"),
        (counts(cases=0.0, violations=0.0), "there is no case to check"),
    ):
        with pytest.raises(InsufficientData, match=message):
            counted(lacking, ["one"])


@pytest.mark.parametrize(
    ("fails", "cases", "violations", "start"),
    [([], 10, 0, 1), ([1, 2], 8, 0, 3), ([5], 5, 0, 6), ([6], 5, 1, 7), ([6, 10], 5, 2, inf)],
)
def test_a_statement_holds_from_some_number_on(fails, cases, violations, start):
    """From 6 on at the latest, of the numbers from 1 to 10."""
    numbers = np.arange(1, 11)
    found = check_from("x", pd.Series(~np.isin(numbers, fails), numbers), 6)
    assert (found.cases, found.violations, found.estimate) == (cases, violations, start)
    with pytest.raises(InsufficientData, match=r"^x: there is nothing at 11 or above$"):
        check_from("x", pd.Series(True, numbers), 11)


def test_errors_beyond_what_is_expected_are_of_finished_networks():
    pairs = excess(runs(stopped=["zero_loss", "diverged", *2 * ["zero_loss"]]), lambda n: 1 / n)
    assert np.allclose(pairs["difference"], [0.2, np.nan, 0.2 - 1 / 30, 0.1 - 1 / 30], equal_nan=True)
