"""Summaries and comparisons of detection networks."""

import numpy as np
import pytest
from scipy import stats

from convbias.detection.summary import compare_experiments, summarise_networks
from made_brutzkus2021_figures import tables


@pytest.fixture(scope="module")
def networks():
    return tables(np.random.default_rng(5))["detection"]


def test_the_interval_of_zero_errors_is_that_of_a_proportion_of_all_test_samples(networks):
    frame = summarise_networks(networks)
    own = frame[(frame["experiment"] == "own") & (frame["n_train"] == 100)].set_index("model")
    exact = stats.binomtest(0, 5000).proportion_ci(0.95, "exact")
    assert own.loc["conv_pool", "mean"] == own.loc["conv_pool", "low"] == 0
    assert own.loc["conv_pool", "high"] == pytest.approx(exact.high)
    rows = networks.query("experiment == 'own' and n_train == 10 and model == 'svm'")["test_error"]
    student = stats.t.interval(0.95, 4, rows.mean(), stats.sem(rows))
    svm = frame[(frame["experiment"] == "own") & (frame["n_train"] == 10) & (frame["model"] == "svm")].iloc[0]
    pooled = stats.binomtest(round(rows.sum() * 1000), 5000).proportion_ci(0.95, "exact")
    assert svm["low"] == pytest.approx(max(0, min(student[0], pooled.low)))
    assert svm["high"] == pytest.approx(max(student[1], pooled.high))


def test_networks_with_training_errors_are_counted_and_unfinished_ones_left_out(networks):
    frame = summarise_networks(networks)
    own = frame[(frame["experiment"] == "own") & (frame["n_train"] == 100)].set_index("model")
    assert own["not_fitted"].to_dict() == {"conv_pool": 0, "mlp": 0.2, "svm": 0.6}
    assert own["left_out"].to_dict() == {"conv_pool": 0, "mlp": 1, "svm": 0}
    finished = networks.query("experiment == 'own' and n_train == 100 and model == 'mlp' and stopped != 'step_limit'")
    assert own.loc["mlp", "mean"] == finished["test_error"].mean()


def test_experiments_are_compared_at_their_common_sample_sizes(networks):
    frame = compare_experiments(networks, ["more", "own"])
    assert list(dict.fromkeys(frame["experiment"])) == ["more", "own"] and set(frame["n_train"]) == {10, 40}


def test_experiments_without_a_common_sample_size_are_refused(networks):
    few = networks[(networks["experiment"] != "more") | (networks["n_train"] == 10)]
    few = few[(few["experiment"] != "own") | (few["n_train"] == 40)]
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        compare_experiments(few, ["more", "own"])
    assert str(error.value) == (
        "the experiments of this figure need a sample size in common; their sample sizes are more: [10]; own: [40]"
    )
