"""What the proofs of brutzkus2021 say of features, classes, noise and bad networks, against brute force."""

from itertools import combinations, product

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.checks import compute
from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.training import layerwise
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.theory import bad_erm, balance, lucky_filters, noise, representation
from convbias.papers.brutzkus2021.theory.shattering import network_output


def pattern_sets(l):
    """The positive and the negative inputs of D as sets of patterns, for any number of places."""
    spurious = [list(some) for size in range(1, l - 1) for some in combinations(range(2, l), size)]
    return [[sign, *some] for sign in (0, 1) for some in spurious], [
        1 - 2 * (sign > 0) for sign in (0, 1) for _ in spurious
    ]


def test_no_input_has_a_smaller_margin_than_the_bound_and_one_reaches_it(rng):
    """Lucky filters respond most to their own pattern, so the bound is exact."""
    w = rng.normal(size=(40, 5))
    lucky = lucky_filters.is_lucky(w, np.sign(rng.normal(size=40)))
    weight = representation.separating_weight(5, 40, 0.01, 3)
    assert weight == pytest.approx(80 * 5 / (40 * 0.01 * 3))
    v = weight * (lucky.positive.astype(float) - lucky.negative)
    sets, signs = pattern_sets(5)
    margins = [y * (v @ np.maximum(w[:, own], 0).max(1)) for own, y in zip(sets, signs, strict=True)]
    assert representation.smallest_margin(w, lucky, weight) == pytest.approx(min(margins), rel=1e-12)
    other = lucky_filters.LuckyFilters(rng.random(40) < 0.5, np.zeros(40, dtype=bool))  # not their own pattern
    v = weight * other.positive
    margins = [y * (v @ np.maximum(w[:, own], 0).max(1)) for own, y in zip(sets, signs, strict=True)]
    assert representation.smallest_margin(w, other, weight) <= min(margins)


def test_detectors_by_hand():
    """Each case: responses to three patterns, a, and whether the filter detects the pattern of its sign."""
    cases = [
        ((0.5, 0.4, 0.3), 1, True),
        ((0.5, 0.6, 0.3), 1, False),  # o_2 is larger
        ((0.5, 0.6, 0.3), -1, True),
        ((0.5, 0.4, 0.6), 1, False),  # o_3 is larger
        ((0.5, 0.4, 0.5), 1, False),  # a tie
        ((-0.1, -0.4, -0.5), 1, False),  # largest, but negative
        ((0.0, -0.4, -0.5), 1, False),
    ]
    w, a, expected = map(np.array, zip(*cases, strict=True))
    assert representation.detectors(w, a.astype(float)).tolist() == expected.tolist()
    before = np.array([[0.0, 1, 1], [-1, 1, 1], [1, -0.1, 1], *[[-1, 1, 1]] * 4])
    assert representation.late_detectors(before, w, a.astype(float)) == 2  # the first and the third
    assert representation.late_detectors(abs(before) + 0.1, w, a.astype(float)) == 0


def test_no_input_has_larger_features_than_the_bound(rng):
    w = rng.normal(size=(30, 4))
    norms = [(np.maximum(w[:, own], 0).max(1) ** 2).sum() for own in pattern_sets(4)[0]]
    bound = representation.largest_feature_norm(w)
    assert max(norms) <= bound == (np.maximum(w, 0).max(1) ** 2).sum()


def test_steps_to_half_the_margin_are_those_of_gradient_descent(rng):
    """Plain gradient descent in the space of the features, with the derivative of the logistic loss."""
    rows = rng.normal(size=(8, 3)) + 2.5 * np.array([1, 1, 0])
    rows /= np.linalg.norm(rows, axis=1).max()
    w = max_margin(rows).weights
    margin = 1 / np.linalg.norm(w)
    a, steps = np.zeros(3), 0
    while steps == 0 or (rows @ a).min() < 0.999 * margin * np.linalg.norm(a):
        loss = np.log1p(np.exp(-rows @ a)).mean()
        a = a + ((1 / (1 + np.exp(rows @ a)))[:, None] * rows).mean(0) / loss
        steps += 1
    found = representation.steps_to_half_margin(rows, 2 * 0.999 * margin)
    assert found == steps > 3
    assert representation.steps_to_half_margin(rows, 2 * 0.999 * margin, limit=2) == 2
    assert representation.complexity_bound(3) == 2 * 80**2 * 3 * 4


def test_the_slope_is_that_of_the_last_tenth():
    steps, values = [1, 10, 99, 100, 300, 1000], [5.0, 7.0, 9.0, 8.0, 8 / 3**1.5, 8 / 10**1.5]
    assert representation.slope_of_last_tenth(steps, values) == pytest.approx(-1.5)


def test_features_after_training_are_as_the_proof_says():
    settings = {"n_patterns": 4, "n_train": 40, "seeds": 3, "first_layer_steps": 5, "second_layer_steps": 20000}
    found = compute("brutzkus2021-representation", {**settings, "d": [3, 5], "root_seed": 2})
    of = {}
    for name, seed, value in zip(*(found[column] for column in ("quantity", "seed", "value")), strict=True):
        of.setdefault(name, []).append(value)
        assert (seed is None) == (name == "unbalanced")
    networks = 2 * 3 - sum(of["unbalanced"])
    assert {name: len(values) for name, values in of.items()} == {
        **dict.fromkeys([*of], networks),
        "direction": 2 * networks,
        "unbalanced": 2,
    }
    assert set(of["separable"]) == {1.0} and min(of["separating_margin"]) > 1
    for name in ("separating_norm", "feature_norm", "complexity_share"):
        assert min(of[name]) > 0 and max(of[name]) <= 1
    assert min(of["complexity"]) >= 1 and max(of["complexity"]) < 51200 * 3  # two sides of the same margin
    assert all(later < sooner for sooner, later in zip(of["direction"][::2], of["direction"][1::2], strict=True))
    assert all(0 < lucky < found < 0.6 for lucky, found in zip(of["lucky_share"], of["detector_share"], strict=True))
    assert set(of["detector_exceptions"]) == {0}
    assert min(of["loss_slope"]) > -1.1 and max(of["loss_slope"]) < -0.5 and min(of["half_margin_steps"]) >= 1
    none = compute("brutzkus2021-representation", {**settings, "n_train": 2, "d": [3], "root_seed": 2})
    assert none["quantity"] == ["unbalanced"] and none["value"] == [3]


@pytest.mark.parametrize("m", range(2, 17))
def test_balance_counts_all_labellings_of_the_first_half(m):
    half = -(-m // 2)
    good = [min(sum(y), half - sum(y)) * 3 >= half for y in product((0, 1), repeat=half)]
    assert balance.balance_probability(m) == pytest.approx(np.mean(good), abs=1e-14)


def test_the_promise_of_balance_is_kept_and_positive_from_50_on():
    found = [(balance.balance_probability(m), balance.balance_promised(m)) for m in range(2, 400)]
    assert all(exact >= promised for exact, promised in found)
    assert balance.balance_promised(49) < 0 < balance.balance_promised(50)


def test_lucky_filters_do_not_depend_on_the_dimension_but_on_the_number_of_patterns(rng):
    """Filters in ten dimensions, and four orthonormal patterns that are not the axes."""
    patterns = np.linalg.qr(rng.normal(size=(10, 4)))[0]
    w = rng.normal(size=(200_000, 10))
    lucky = lucky_filters.is_lucky(w @ patterns, np.sign(rng.normal(size=len(w))))
    for count in (lucky.positive.sum(), lucky.negative.sum()):
        assert stats.binomtest(int(count), len(w), lucky_filters.lucky_probability(4)).pvalue > 1e-4


def test_bounds_for_fewer_patterns_count_all_pairs():
    """k = 30 filters in d = 5 dimensions with l = 3 patterns: both counts must be from 2 to 6."""
    p = lucky_filters.lucky_probability(3)
    inside = sum(
        stats.multinomial.pmf([x, y, 30 - x - y], 30, [p, p, 1 - 2 * p]) for x in range(2, 7) for y in range(2, 7)
    )
    assert lucky_filters.lucky_bounds_failure(5, 30, 3) == pytest.approx(1 - inside, rel=1e-9)
    assert lucky_filters.lucky_bounds_failure(5, 30, 5) == lucky_filters.lucky_bounds_failure(5, 30)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_noise_below_the_threshold_can_be_separated_and_noise_above_cannot(n):
    largest = noise.separable_noise(n)
    assert noise.noisy_support(n, 3, 0.3).shape == (2 * n * 2**n, 3 * n)
    copies = np.tile([1.0, -1.0, 0.0], n)
    assert (noise.noisy_support(n, 3, 0.999 * largest) @ copies).min() > 0  # the paper's classifier
    assert (noise.noisy_support(n, 3, 1.001 * largest) @ copies).min() < 0
    assert not max_margin(noise.noisy_support(n, 3, 1.001 * largest)).separable


def test_noise_off_the_direction_of_the_two_patterns_does_not_lower_the_threshold(rng):
    """n copies of o_1 - o_2 separate inputs with noise in any direction below the threshold."""
    n, l = 3, 4
    away = rng.normal(size=(4000, n, l))
    away *= 0.999 * noise.separable_noise(n) / np.linalg.norm(away, axis=2, keepdims=True)
    clean = noise.noisy_support(n, l, 0.0)
    rows = clean[rng.integers(len(clean), size=4000)] + away.reshape(4000, -1)
    assert (rows @ np.tile([1.0, -1.0, 0.0, 0.0], n)).min() > 0


def test_the_solver_runs_on_both_sides_of_the_threshold(monkeypatch):
    settings = {"n_patterns": [1, 2], "l": 3, "of_n_patterns": 10, "root_seed": 1}

    def values():
        found = compute("brutzkus2021-noise", settings)
        return list(zip(found["quantity"], found["value"], strict=True))

    counts = [(f"noise_{name}", value) for name, value in (("cases", 2), ("violations", 0))]
    assert values() == [("separable_noise", pytest.approx(0.1 / 2**0.5)), *counts, *counts]
    monkeypatch.setattr("convbias.papers.brutzkus2021.checks.noise.separable_noise", lambda n: 1.5 / (2**0.5 * n))
    assert values()[2] == ("noise_violations", 1)
    monkeypatch.setattr("convbias.papers.brutzkus2021.checks.noise.separable_noise", lambda n: 0.5 / (2**0.5 * n))
    assert values()[2] == ("noise_violations", 1)


def test_any_function_of_the_pattern_set_is_a_network(rng):
    """The network is built and evaluated filter by filter, on inputs that have each set of patterns."""
    l = 4
    wanted = rng.normal(size=2**l)
    a = bad_erm.weights_of_sets(wanted)
    filters = np.array([[bool(number >> bit & 1) for bit in range(l)] for number in range(2**l)], dtype=float)
    sets = [[bit for bit in range(l) if number >> bit & 1] for number in range(1, 2**l)]
    inputs = np.array([np.eye(l)[(own * l)[:l]] for own in sets])
    outputs = network_output(inputs, filters[None], a)[0]
    np.testing.assert_allclose(outputs, wanted[1:], rtol=1e-9)
    np.testing.assert_allclose(bad_erm.outputs_of_sets(a)[1:], wanted[1:], rtol=1e-9)
    np.testing.assert_allclose(bad_erm.subset_sums(bad_erm.subset_sums(wanted), -1), wanted, rtol=1e-9)
    assert bad_erm.pattern_sets(np.array([[0, 3, 3], [1, 2, 1]])).tolist() == [0b1001, 0b0110]


def test_the_bad_network_errs_exactly_on_unseen_sets():
    settings = {"d": 5, "n_patterns": 3, "n_train": [2, 60], "n_test": 300, "seeds": 3, "root_seed": 1}
    found = compute("brutzkus2021-bad-erm", settings)
    few, many = (
        {
            name: value
            for name, n, value in zip(found["quantity"], found["n_train"], found["value"], strict=True)
            if n == m
        }
        for m in (2, 60)
    )
    assert few["bad_erm_cases"] == 3 * 302 and few["bad_erm_violations"] == many["bad_erm_violations"] == 0
    assert many["bad_erm_error"] < 0.2 < 0.7 < few["bad_erm_error"] < 1
    errors = []
    for seed in range(3):  # the share of test inputs whose set of patterns is not in the training set
        sampler = Sampler("orthogonal", 5, 5, 3, 2, 1, seed, None)
        train, test = (
            [set(x) for x in sampler.draw(f"{name} set", size)[0].tolist()]
            for name, size in (("training", 2), ("test", 300))
        )
        errors.append(np.mean([x not in train for x in test]))
    ends = [found[end][found["quantity"].index("bad_erm_error")] for end in ("low", "high")]
    assert few["bad_erm_error"] == pytest.approx(np.mean(errors))
    assert ends == pytest.approx(stats.t.interval(0.95, 2, np.mean(errors), stats.sem(errors)))


def test_each_quantity_is_that_of_a_network_trained_with_autograd():
    """The constants are written out again here: eta_1 = 1 / (4 k (T_1 + 1)), v* has entries of 80 d / (k eta_1 T_1)."""
    d, k, n, m, steps = 3, 217, 4, 40, 5
    found = compute(
        "brutzkus2021-representation",
        {"d": [d], "n_patterns": n, "n_train": m, "seeds": 1, "first_layer_steps": steps, "second_layer_steps": 300}
        | {"root_seed": 2},
    )
    values = {name: value for name, value in zip(found["quantity"], found["value"], strict=True) if name != "direction"}
    directions = [value for name, value in zip(found["quantity"], found["value"], strict=True) if name == "direction"]
    eta = 1 / (4 * k * (steps + 1))
    sampler = Sampler("orthogonal", d, d, n, m, 2, 0, None)
    drawn, y = sampler.draw("training set", m)
    x, y = torch.from_numpy(sampler.patterns.inputs(drawn)), torch.from_numpy(y).double()
    w, a = (one[0] for one in layerwise.draw_weights(conv_pool.make(n, d, k), eta / 200, 2, *sampler.key))
    o = torch.from_numpy(sampler.patterns.vectors.T)
    before, sign = (w @ o).numpy(), a.numpy()
    for _ in range(steps):
        w = w - eta * reference.gradient("conv_pool", x[:20], y[:20], w, a)[2]
    after = (w @ o).numpy()
    lucky = [[b[0] > max(b[2], 0), b[1] > max(b[2], 0)][int(s < 0)] for b, s in zip(before, sign, strict=True)]
    detects = [
        [r[0] > max(r[1], r[2], 0), r[1] > max(r[0], r[2], 0)][int(s < 0)] for r, s in zip(after, sign, strict=True)
    ]
    v = 80 * d / (k * eta * steps) * sign * lucky
    inputs = [np.maximum(after[:, [own, 2]].max(1), 0) for own in (0, 1)]  # both sets of patterns of D, for l = 3
    assert values["separating_margin"] == pytest.approx(min(v @ inputs[0], -v @ inputs[1]), rel=1e-9)
    assert values["separating_norm"] == pytest.approx(v @ v * k * eta**2 * steps**2 / (2 * 80**2 * d), rel=1e-9)
    assert values["lucky_share"] == np.mean(lucky) and values["detector_share"] == np.mean(detects)
    largest = (np.maximum(after, 0).max(1) ** 2).sum()
    assert values["feature_norm"] == pytest.approx(largest / (4 * k * eta**2 * steps**2), rel=1e-9)
    z = (x[20:] @ w.T).relu().amax(1).numpy() * y[20:, None].numpy()
    best, norms = max_margin(z).weights, (z**2).sum(1)
    assert values["complexity"] == pytest.approx(best @ best * norms.max(), rel=1e-6)
    assert values["complexity_share"] == pytest.approx(values["complexity"] / 51200 / d, rel=1e-9)
    trained, losses = sign.copy(), {}
    for step in range(301):
        losses[step] = np.log1p(np.exp(-z @ trained)).mean()
        if step in (30, 300):
            cosine = trained @ best / np.linalg.norm(trained) / np.linalg.norm(best)
            assert directions[int(step == 300)] == pytest.approx(1 - cosine, abs=1e-6)
        trained = trained + 4 * k * (z / (1 + np.exp(z @ trained))[:, None]).mean(0)
    at = sorted({*np.geomspace(30, 300, 10).astype(int)})
    slope = np.polyfit(np.log(at), np.log([losses[step] for step in at]), 1)[0]
    assert values["loss_slope"] == pytest.approx(slope, rel=1e-6)


def test_training_sets_without_a_third_of_each_class_are_left_out():
    """S_1 has seven samples: two of one class are too few, three are enough."""
    settings = {"d": [3], "n_patterns": 2, "n_train": 14, "seeds": 12, "first_layer_steps": 1, "second_layer_steps": 10}
    found = compute("brutzkus2021-representation", {**settings, "root_seed": 1})
    labels = [Sampler("orthogonal", 3, 3, 2, 14, 1, seed, None).draw("training set", 14)[1][:7] for seed in range(12)]
    fewest = [min((y > 0).sum(), (y < 0).sum()) for y in labels]
    assert found["value"][-1] == sum(count < 3 for count in fewest) and 2 in fewest and 3 in fewest
    assert {seed for seed in found["seed"] if seed is not None} == {seed for seed in range(12) if fewest[seed] >= 3}
