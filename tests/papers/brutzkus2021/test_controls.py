"""Correlated patterns, the claims on other poolings, and those on the network of Equation 8."""

from fractions import Fraction

import numpy as np
import pytest

from convbias.checks import compute
from convbias.claims import find
from convbias.detection.inputs import Sampler
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.checks import correlated as check
from convbias.papers.brutzkus2021.first_layers import train
from convbias.papers.brutzkus2021.theory import correlated, representation
from convbias.papers.brutzkus2021.theory.lucky_filters import LuckyFilters, is_lucky
from made_brutzkus2021 import MADE

SMALL = {"d": 5, "n_patterns": 4, "n_train": 30, "n_test": 50, "seeds": 2, "first_layer_steps": 4}


def values(columns, *by):
    """The value of each quantity at each value of the other columns."""
    keys = zip(*(columns[name] for name in ("quantity", *by)), strict=True)
    return dict(zip(keys, columns["value"], strict=True))


@pytest.mark.parametrize("rho", [-0.3, 0.0, 0.2, 0.95])
def test_every_two_patterns_have_the_inner_product_rho(rho, rng):
    q = np.linalg.qr(rng.normal(size=(7, 7)))[0]
    found = correlated.correlated(q[:4], rho)
    np.testing.assert_allclose(found @ found.T, (1 - rho) * np.eye(4) + rho, atol=1e-12)
    assert rho or np.allclose(found, q[:4])


@pytest.mark.parametrize("rho", [-1 / 3, 1.0])
def test_patterns_with_an_impossible_inner_product_are_refused(rho):
    with pytest.raises(ValueError, match="rho must be between"):
        correlated.correlated(np.eye(4), rho)


@pytest.mark.parametrize("rho", [Fraction(0), Fraction(1, 10), Fraction(9, 10)])
def test_the_lead_of_a_lucky_filter_never_falls_in_exact_arithmetic(rho, rng):
    """Steps with any weights of the samples, as the derivative of the loss could have. Responses are exact."""
    l, gram = 5, [[Fraction(1) if i == j else rho for j in range(5)] for i in range(5)]
    for _ in range(20):
        for own, other in ((0, 1), (1, 0)):
            w = [Fraction(int(v), 100) for v in rng.integers(-50, 50, l)]
            w[own] = max([*w[2:], Fraction(0)]) + Fraction(1, 100)
            for _ in range(30):
                sign = int(rng.choice([-1, 1]))
                spurious = rng.integers(2, l, 3)
                sample = [own if sign > 0 else other, *map(int, spurious)]
                best = max(sample, key=lambda j: w[j])
                if w[best] <= 0:
                    continue
                before = [w[own] - w[j] for j in range(2, l)]
                weight = Fraction(int(rng.integers(1, 9)), 7)
                w = [w[j] + sign * weight * gram[best][j] for j in range(l)]
                assert all(w[own] - w[j] >= lead for j, lead in zip(range(2, l), before, strict=True))


def test_the_lead_is_that_over_spurious_patterns():
    responses = np.array([[5.0, 9, 1, 2], [0, 4, 3, -1], [1, 1, 1, 1]])
    lucky = LuckyFilters(np.array([True, False, False]), np.array([False, True, False]))
    np.testing.assert_array_equal(correlated.lead(responses, lucky), [[4, 3], [1, 5]])


def test_the_predicted_growth_is_the_worse_of_both_classes():
    assert correlated.predicted_growth(0.5, 0.0) == 0.25
    assert correlated.predicted_growth(0.6, 0.5) == pytest.approx((0.4 - 0.5 * 0.6) / 2)
    assert correlated.predicted_growth(0.4, 0.5) == correlated.predicted_growth(0.6, 0.5)


def test_the_check_finds_no_fall_and_at_rho_0_what_the_lemma_promises():
    columns = compute("brutzkus2021-correlated", {**SMALL, "rho": [0.0, 0.5], "root_seed": 1})
    found = values(columns, "rho", "seed")
    seeds = {seed for name, _, seed in found if name == "lead_cases"}
    for seed in seeds:
        for rho in (0.0, 0.5):
            assert found["lead_violations", rho, seed] == 0 < found["lead_cases", rho, seed]
            assert found["lucky_growth", rho, seed] > found["predicted_growth", rho, seed] - 0.01
        assert found["lucky_growth", 0.0, seed] >= 1 / 9 and found["other_response", 0.0, seed] <= 1
        assert found["lucky_detectors", 0.0, seed] == 1 and found["other_response", 0.5, seed] > 1
        assert found["correlated_complexity", 0.5, seed] > found["correlated_complexity", 0.0, seed] > 0
        assert found["correlated_tests", 0.0, seed] == 50
    assert seeds and len(seeds) <= 2


def test_without_correlation_each_quantity_is_that_of_a_network_of_algorithm_1():
    columns = compute("brutzkus2021-correlated", {**SMALL, "rho": [0.0], "root_seed": 1})
    found, k = values(columns, "seed"), 8 * 5**3 + 1
    for seed in {seed for name, seed in found if name == "lucky_growth"}:
        network = train(5, k, 4, 30, 4, 1, seed)
        lucky = is_lucky(network.before, network.a)
        own = [*network.responses[lucky.positive, 0], *network.responses[lucky.negative, 1]]
        detects = representation.detectors(network.responses, network.a)
        a = max_margin(network.signed).weights
        drawn, y = Sampler("orthogonal", 5, 5, 4, 30, 1, seed, None).draw("test set", 50)
        f = np.maximum(network.responses[:, drawn].max(2), 0).T @ a
        expected = {
            "lucky_growth": min(own) / (4 * network.constants.eta_1),
            "detector_share": detects.mean(),
            "lucky_detectors": detects[lucky.positive | lucky.negative].mean(),
            "correlated_error": ((f > 0) != (y > 0)).mean(),
            "correlated_complexity": a @ a * (network.signed**2).sum(1).max(),
        }
        assert {name: found[name, seed] for name in expected} == pytest.approx(expected, rel=1e-6)


def test_the_check_counts_each_step_of_a_lucky_filter_whose_lead_falls(monkeypatch):
    """If all filters shrink, each lead falls."""

    def shrink(model, x, y, W, a, eta_1, steps, observe):
        observe(0)
        for step in range(1, steps + 1):
            W.mul_(0.5)
            observe(step)

    monkeypatch.setattr(check, "train_first_layer", shrink)
    found = values(compute("brutzkus2021-correlated", {**SMALL, "rho": [0.0], "root_seed": 1}), "rho", "seed")
    for (name, *at), cases in found.items():
        if name == "lead_cases":
            assert found["lead_violations", *at] == cases > 0


def test_training_sets_without_both_classes_are_counted_and_left_out():
    columns = compute("brutzkus2021-correlated", {**SMALL, "n_train": 2, "rho": [0.0], "root_seed": 1})
    assert values(columns) == {("unbalanced",): 2}


def test_other_noise_and_smaller_sizes_are_no_evidence(rng):
    table = MADE["brutzkus2021-average-pooling-noise"]("true", rng)["detection"]
    found = find("brutzkus2021-average-pooling-noise", {"detection": table}, ["own"])
    assert [part.name for part in found.evidence] == ["n = 50", "n = 100"]
    both = find("brutzkus2021-no-relu", MADE["brutzkus2021-no-relu"]("true", rng), ["own"])
    names = [f"noise {noise}: n = {n}" for noise in (0, 1) for n in (50, 100)]
    assert [part.name for part in both.evidence] == names


def test_updates_of_unfinished_networks_do_not_count(rng):
    table = MADE["brutzkus2021-fc-sgd"]("true", rng)["detection"].reset_index(drop=True)
    lost = table.assign(stopped=table["stopped"].mask((table["seed"] < 2) & (table["n_patterns"] == 20), "step_limit"))
    parts = [find("brutzkus2021-fc-sgd", {"detection": each}, ["own"]).evidence for each in (table, lost)]
    assert [(part.sample, part.left_out) for part in parts[0]] == [(10, 0), (30, 0)]
    largest = table.groupby("n_patterns")["n_train"].transform("max") == table["n_train"]
    few = table.assign(steps=table["steps"].where(largest, 1))  # updates at smaller sizes play no part
    assert find("brutzkus2021-fc-sgd", {"detection": few}, ["own"]).evidence == parts[0]
    assert [(part.sample, part.left_out) for part in parts[1]] == [(8, 2), (24, 6)]
