"""The statistics of single claims of wu2019: a ratio of spreads, a proportion of variance, a saving of samples."""

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.papers.wu2019.claims import best_k, bias_floor, sample_complexity, upper_confidence, variants
from convbias.papers.wu2019.claims.good_initialisations import tenths
from convbias.papers.wu2019.claims.init_variance import within_test
from convbias.papers.wu2019.claims.lower_variance import spread_test
from convbias.papers.wu2019.claims.sample_complexity import saving_test
from convbias.papers.wu2019.convergence import settling
from convbias.statistics.evidence import InsufficientData
from convbias.statistics.summary import Bootstrap
from made_wu2019 import MADE, limits, linear, theory, trajectories

LOSSES = ("hinge", "xhinge")


def pairs(rng, n=30):
    shared = rng.normal(size=n)
    return pd.Series(shared + rng.normal(size=n)), pd.Series(shared + 1.5 * rng.normal(size=n))


def test_the_ratio_of_spreads_is_tested_by_the_difference_of_squares(rng):
    x, y = pairs(rng)
    found = spread_test("x", x, y)
    a, b = (x - x.mean()) ** 2, (y - y.mean()) ** 2
    assert found.estimate == pytest.approx(x.std() / y.std()) and (found.below, found.sample) == (1, 30)
    assert found.p_supports == pytest.approx(stats.ttest_1samp(a - b, 0, alternative="less").pvalue)
    for end in (found.low, found.high):
        assert stats.ttest_1samp(a - end**2 * b, 0).pvalue == pytest.approx(0.05)


def test_the_ratio_has_no_upper_end_if_the_denominator_may_be_zero(rng):
    x, y = pairs(rng)[0], pd.Series(np.arange(30) == 7).astype(float)
    found = spread_test("x", x, y)
    assert found.high == inf and found.low > 1
    a, b = (x - x.mean()) ** 2, (y - y.mean()) ** 2
    assert stats.ttest_1samp(a - found.low**2 * b, 0).pvalue == pytest.approx(0.05)
    assert spread_test("x", y, pd.Series(np.arange(30) == 8).astype(float)).low == 0
    none = spread_test("x", x, 0 * x)
    assert none.estimate == inf and none.p_contradicts < 0.001 and none.p_supports > 0.999


def test_incomplete_pairs_are_left_out(rng):
    x, y = pairs(rng)
    x[3] = y[3] = nan
    found = spread_test("x", x, y)
    assert (found.sample, found.left_out) == (29, 1) and found.estimate == pytest.approx(x.std() / y.std())


def networks(rng, sets=6, each=4, between=1.0, **columns):
    errors = dict(enumerate(np.repeat(between * rng.normal(size=sets), each)))
    own = {"seeds": 1, "spread": 1, "n_train": 30, "init_seed": range(sets * each)}
    return linear("own", rng, "cls", "conv", errors, **own, seed=np.repeat(range(sets), each), **columns)


def test_the_proportion_within_training_sets_is_that_of_an_analysis_of_variance(rng):
    runs = networks(rng, sets=12, between=0.3)
    f = stats.f_oneway(*(rows["test_error"] for _, rows in runs.groupby("seed"))).statistic
    found = within_test("x", runs, 0.5)
    assert found.estimate == pytest.approx(4 / (4 + f - 1)) and (found.sample, found.left_out) == (48, 0)
    assert 0 < found.low <= found.estimate <= found.high <= 1
    at_low = within_test("x", runs, found.low)
    assert at_low.p_supports == pytest.approx(0.025)


def test_networks_without_a_result_are_left_out_of_the_variance(rng):
    runs = networks(rng)
    runs.loc[[0, 5], "stopped"] = "diverged"
    found = within_test("x", runs, 0.5)
    runs.loc[[0, 5], "test_error"] = 9.0
    assert (found.sample, found.left_out) == (22, 2) and within_test("x", runs, 0.5) == found
    kept = runs.drop([0, 5]).groupby("seed")["test_error"].agg(["mean", "var", "count"])
    within, noise = kept["var"].mean(), (kept["var"] / kept["count"]).mean()
    assert found.estimate == pytest.approx(within / (within + kept["mean"].var() - noise))


def test_a_proportion_of_variance_needs_networks_that_differ(rng):
    few = "8 of 8 networks have a result, and 2 training sets have two; "
    few += "at least half of the networks and three such sets are needed"
    with pytest.raises(InsufficientData, match=f"^x: {few}$"):
        within_test("x", networks(rng, sets=2), 0.5)
    with pytest.raises(InsufficientData, match="10 of 24 networks have a result"):
        within_test("x", networks(rng, stopped=["zero_loss"] * 10 + ["step_limit"] * 14), 0.5)
    without = networks(rng)
    equal = without.assign(test_error=without.groupby("seed")["test_error"].transform("mean"))
    found = within_test("x", equal, 0.5)
    assert (found.estimate, found.p_supports, found.p_contradicts) == (0, 1, 0)
    with pytest.raises(InsufficientData, match="fewer than three training sets differ in their mean error"):
        within_test("x", networks(rng).assign(test_error=0.1), 0.5)


def test_an_error_below_the_target_at_the_smallest_size_is_a_large_saving(rng, monkeypatch):
    """Two of 199 resamples save too much. One is below the target before the first size, which saves even more."""
    found = Bootstrap(20.0, np.array([20.0] * 196 + [10, 10, -inf]))
    monkeypatch.setattr(sample_complexity, "crossing", lambda *_: found)
    test = saving_test("k = 2", linear("own", rng, "cls", "conv", {10: 0.1, 30: 0.01}), 0.05, 20, 1.5)
    assert test.estimate == 1 and (test.above, test.below) == (1 / 1.5, 1.5)
    assert test.p_supports == pytest.approx((1 + 3) / 200) and test.p_contradicts == 1


def test_filter_sizes_are_compared_at_equal_other_settings(rng):
    table = MADE["wu2019-sample-complexity-hinge"]("true", rng)["linear"]
    table.loc[table["k"] == 2, "init_scale"] = 1.0
    settings = {"table": "linear", "where": {"task": "cls", "model": "conv", "loss": "hinge"}}
    found = sample_complexity.evidence({"linear": table}, ["own", "other"], **settings, error=0.05, factor=1.5)
    assert [test.name for test in found] == ["k = 1", "k = 5"]
    alone = {"linear": table[table["k"] == 5]}
    with pytest.raises(InsufficientData, match=r"^there is only one filter size, 5; a comparison needs two$"):
        sample_complexity.evidence(alone, ["own"], **settings, error=0.05, factor=1.5)


def test_a_variant_without_its_tasks_names_them(rng):
    tables = MADE["wu2019-two-layer-third_person"]("true", rng)
    settings = {"variant": {"model": "two_layer", "loss": "hinge"}, "usual": {"model": "one_layer", "loss": "hinge"}}
    with pytest.raises(InsufficientData, match=r"^no rows with task = cls in own, other$"):
        variants.evidence(tables, ["own", "other"], **settings, tasks=["cls"], margin=0.02)


def test_tenths_are_the_means_of_the_lowest_and_highest_errors(rng):
    errors = rng.random((3, 20))
    pairs = pd.DataFrame({"seed": np.repeat([4, 7, 9], 20), "estimate": 0.2, "hinge_error": errors.ravel()})
    found = tenths(pairs, 0.1)
    ordered = np.sort(errors, axis=1) - 0.2
    np.testing.assert_allclose(found.loc[[4, 7, 9], "best"], ordered[:, :2].mean(1))
    np.testing.assert_allclose(found.loc[[4, 7, 9], "worst"], ordered[:, -2:].mean(1))
    np.testing.assert_allclose(tenths(pairs, 0.001)["best"], ordered[:, 0])
    pairs.loc[25, ["estimate", "hinge_error"]] = nan
    assert tenths(pairs, 0.1).isna().all(axis=1).tolist() == [False, True, False]


def test_a_network_has_settled_at_the_first_step_from_which_on_it_is_near_the_estimate(rng):
    """The estimate is 0.2. Networks are near at once, from step 20 on, only for a time, and far in the end."""
    own = {"seeds": 1, "n_train": 30, "seed": 3, "init_seed": range(4), "spread": 0}
    hinge, xhinge = (linear("own", rng, "cls", "conv", dict.fromkeys(range(4), 0.3), loss, **own) for loss in LOSSES)
    errors = {0: [0.21, 0.5, 0.2, 0.5], 10: [0.24, 0.4, 0.3, 0.2], 20: [0.25, 0.15, 0.2, 0.2], 30: [0.2, 0.2, 0.2, 0.3]}
    steps = trajectories(xhinge, {step: {"test_error": values} for step, values in reversed(errors.items())})
    estimates = limits("other", rng, "cls", {10: 0.9, 30: 0.2}, 0, seeds=5)
    estimates["test_error"] = estimates["test_error"].where(estimates["seed"] == 3, 0.7)
    found = settling(pd.concat([hinge, xhinge]), pd.concat([steps, trajectories(hinge, {0: {}})]), estimates, 0.0501)
    assert found.sort_values("init_seed")["speed"].tolist() == [0, 20, 20, inf]
    assert found["hinge_error"].tolist() == [0.3] * 4


def test_the_mean_over_sizes_is_over_the_training_sets_that_all_sizes_have(rng):
    tables = MADE["wu2019-upper-mean-cls"]("true", rng)
    found = upper_confidence.evidence(tables, ["own", "other"], task="cls", margin=0.02)
    few = {name: table[(table["n_train"] == 5) | (table["seed"] < 20)] for name, table in tables.items()}
    fewer = upper_confidence.evidence(few, ["own", "other"], task="cls", margin=0.02)
    assert [test.sample for test in found] == [60] * 4 and [test.sample for test in fewer] == [20, 60, 20, 20]
    gap = tables["linear"]["test_error"] - tables["asymptotics"]["gaussian_test_error"]
    assert fewer[0].estimate == pytest.approx(gap[tables["linear"]["seed"] < 20].mean())


def test_filter_sizes_with_the_same_outcome_are_one_check():
    errors = {4: [0, 0, 0.2, 0.1], 6: [0.1, 0, 0, 0, 0, 0]}
    rows = [
        theory("own", [("floor_cls", nan, e) for e in own], d=d).assign(k=range(1, d + 1)) for d, own in errors.items()
    ]
    checks = bias_floor.evidence({"theory": pd.concat(rows)}, ["own"], "cls", errs=False)
    assert [(check.name, check.cases, check.violations, check.detail) for check in checks] == [
        ("d = 4: from k = 1 to k = 2", 2, 0, "largest 0"),
        ("d = 4: from k = 3 to k = 4", 2, 2, "largest 0.2"),
        ("d = 6: from k = 1 to k = 1", 1, 1, "largest 0.1"),
        ("d = 6: from k = 2 to k = 6", 5, 0, "largest 0"),
    ]


def test_filter_sizes_are_chosen_on_even_training_sets_and_tested_on_odd_ones(rng):
    """On even sets, networks are best at k = 5 and the limit at k = 3. On odd sets it is the other way round."""
    networks, limit = [], []
    for k in (3, 5):
        made = linear("own", rng, "cls", "conv", {30: 0.2}, spread=0.01, seeds=100, k=k)
        best = (made["seed"] % 2 == 0) == (k == 5)
        networks.append(made.assign(test_error=made["test_error"] - 0.1 * best))
        other = limits("own", rng, "cls", {30: 0.2}, 0.01, seeds=100, k=k)
        limit.append(other.assign(gaussian_test_error=0.2 + 0.1 * best, test_error=0.3 - 0.1 * best))
    (test,) = best_k.evidence({"linear": pd.concat(networks), "asymptotics": pd.concat(limit)}, ["own"], "cls", 0.02)
    assert test.name == "k = 3 of the limit, 5 of networks: n = 30" and test.sample == 50
    tested = [made.set_index("seed")["test_error"].loc[1::2] for made in networks]
    assert test.estimate == pytest.approx((tested[0] - tested[1]).mean()) and test.estimate < -0.09


def test_of_several_best_filter_sizes_the_smallest_is_chosen(rng):
    tables = MADE["wu2019-best-k-cls"]("true", rng)
    tables["asymptotics"]["gaussian_test_error"] = 0.0
    assert [test.name[:18] for test in best_k.evidence(tables, ["own"], "cls", 0.02)] == ["k = 3 of the limit"] * 2


def test_a_choice_needs_two_filter_sizes(rng):
    tables = {name: table.query("k == 5") for name, table in MADE["wu2019-best-k-cls"]("true", rng).items()}
    with pytest.raises(InsufficientData, match=r"^the choice needs two filter sizes; there is 5$"):
        best_k.evidence(tables, ["own"], "cls", 0.02)
