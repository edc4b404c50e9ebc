"""Noise thresholds of max-pooling, and the Bayes error, against linear programs, brute force and random draws."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog, minimize

from convbias.checks import compute
from convbias.detection.noise import noise as draw_noise
from convbias.papers.brutzkus2021.checks import noise_levels
from convbias.papers.brutzkus2021.theory import noise
from convbias.papers.brutzkus2021.theory.shattering import network_output

OUTPUT = np.array([1.0, -1.0])


def in_hull(point, points):
    """Whether a point is in the convex hull of points and 0, by a linear program."""
    corners = np.vstack([points, np.zeros(points.shape[1])])
    rows = np.vstack([corners.T, np.ones(len(corners))])
    found = linprog(np.zeros(len(corners)), A_eq=rows, b_eq=[*point, 1], bounds=(0, None))
    return found.status == 0


def distance_to_spurious(l, s):
    """The distance from o_1 to the convex hull of s spurious patterns, by a solver."""
    patterns = np.eye(l)
    found = minimize(
        lambda weights: np.linalg.norm(patterns[0] - weights @ patterns[2 : 2 + s]),
        np.arange(1, s + 1) / np.arange(1, s + 1).sum(),
        bounds=[(0, 1)] * s,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
    )
    return found.fun


@pytest.mark.parametrize(("n", "l"), list(product([1, 2, 3, 4, 7, 8, 12], [3, 4, 6])))
def test_the_thresholds_are_half_of_distances(n, l):
    assert noise.pooled_noise(l) == pytest.approx(distance_to_spurious(l, l - 2) / 2, rel=1e-6)
    s = min((n - 1) // 2, l - 2)
    expected = distance_to_spurious(l, s) / 2 if s else 0.5**0.5
    assert noise.hidden_noise(n, l) == pytest.approx(expected, rel=1e-6)
    assert noise.separable_noise(n) <= noise.overlapping_noise()
    if n > 1:
        assert noise.separable_noise(n) < noise.pooled_noise(l) <= noise.hidden_noise(n, l) + 1e-12
    assert noise.hidden_noise(n, l) <= noise.overlapping_noise() == pytest.approx(np.linalg.norm([0.5, -0.5]))
    same = n >= 2 * l - 3 or l == 3
    assert (abs(noise.hidden_noise(n, l) - noise.pooled_noise(l)) < 1e-12) == same


@pytest.mark.parametrize(("n", "l"), [(2, 3), (2, 5), (3, 4), (5, 3), (9, 20)])
def test_the_pooled_filters_separate_below_their_threshold_and_not_above(n, l, rng):
    """Below it, no noise of many near the worst directions changes the sign. Above it, the worst noise does."""
    filters, eps = noise.pooled_filters(l), noise.pooled_noise(l)
    assert (filters @ np.ones(l) == pytest.approx(0)) and np.linalg.norm(filters[0]) == pytest.approx(2 * eps)
    clean = np.eye(l)[[0, *rng.integers(2, l, n - 1)]]
    smallest = np.inf
    for _ in range(4000):
        directions = rng.normal(size=(n, l)) * 0.3 + rng.choice([-1, 0, 1], (n, 2)) @ filters
        away = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        smallest = min(smallest, network_output((clean + 0.999 * eps * away)[None], filters[None], OUTPUT)[0, 0])
    assert 0 < smallest < 0.6 * network_output(clean[None], filters[None], OUTPUT)[0, 0]
    worst = np.vstack([-filters[0], *[filters[1]] * (n - 1)]) / np.linalg.norm(filters[0])
    for factor, separates in ((0.999, True), (1.001, False)):
        for signed in ((0, 1), (1, 0)):  # the positive input and its mirror image
            output = network_output(
                (clean + factor * eps * worst)[None][..., [*signed, *range(2, l)]], filters[None], OUTPUT
            )
            assert (output[0, 0] * (1 - 2 * signed[0]) > 0) == separates


@pytest.mark.parametrize(("n", "l"), [(1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (8, 5), (10, 20)])
def test_hidden_inputs_have_the_same_hull(n, l, rng):
    """Each point of one input is in the hull of the other, so no network of Equation 1 tells them apart."""
    positive, negative = noise.hidden_inputs(n, l)
    assert positive.shape == (n, l) and noise.noise_of(np.stack([positive, negative])) == pytest.approx(
        noise.hidden_noise(n, l), rel=1e-12
    )
    assert all(in_hull(x, negative) for x in positive) and all(in_hull(x, positive) for x in negative)
    outputs = network_output(np.stack([positive, negative]), rng.normal(size=(1, 300, l)), rng.normal(size=300))[0]
    assert outputs[0] == pytest.approx(outputs[1], rel=1e-9)
    moved = positive + 0.01 * (np.eye(l)[0] - positive) * (np.arange(n) == 0)[:, None]
    assert not all(in_hull(x, negative) for x in moved)  # o_1 is on the boundary of the hull


def test_the_noise_of_inputs_is_the_largest_distance():
    inputs = np.array([[[0.5, 0, 0, 0.0], [0, 0, 1, 0]], [[0, 1, 0, 0], [0, 0, 0.1, 0.7]]])
    assert noise.noise_of(inputs) == 0.5
    assert noise.noise_of(inputs[:, :1]) == 0.5
    inputs[1, 1] = [0, 0.6, 0, 0.9]
    assert noise.noise_of(inputs) == pytest.approx((0.36 + 0.01) ** 0.5)


@pytest.mark.parametrize("d", [2, 3, 6, 20])
def test_the_overlap_of_two_balls_is_that_of_random_points(d, rng):
    for eps in (0.7, 0.8, 1.0, 1.6, 3.0):
        drawn = draw_noise("ball", eps, rng, (200_000, d))
        drawn[:, 0] += 1
        drawn[:, 1] -= 1  # as seen from o_2
        inside = int((np.linalg.norm(drawn, axis=1) <= eps).sum())
        q = noise.overlap(eps, d)
        assert 0 <= q < 1 and (q == 0) == (eps <= 0.5**0.5)
        assert stats.binomtest(inside, 200_000, q).pvalue > 1e-4 if q else inside == 0


def test_the_overlap_of_two_discs_by_hand():
    """Radius 1 and distance sqrt(2): a lens of area pi/2 - 1."""
    assert noise.overlap(1.0, 2) == pytest.approx((np.pi / 2 - 1) / np.pi, rel=1e-12)


def likelihoods(x, l, eps):
    """The likelihoods of both classes by the definition: over the place of o_1 or o_2, and all spurious patterns."""
    n, d = x.shape
    found = []
    for sign in (0, 1):
        total = 0
        for place, others in product(range(n), product(range(2, l), repeat=n - 1)):
            drawn = [*others[:place], sign, *others[place:]]
            total += all(np.linalg.norm(x[j] - np.eye(d)[drawn[j]]) <= eps for j in range(n))
        found.append(total)
    return found


@pytest.mark.parametrize(("d", "l", "n", "eps"), [(3, 3, 2, 1.2), (4, 4, 3, 1.5), (5, 4, 2, 0.6), (3, 3, 1, 1.0)])
def test_the_posterior_error_is_that_of_the_definition(d, l, n, eps, rng):
    inputs = noise_levels.positive_inputs(d, l, n, 60, rng)
    inputs += draw_noise("ball", eps, rng, inputs.shape)
    expected = [min(found) / sum(found) for x in inputs for found in [likelihoods(x, l, eps)]]
    np.testing.assert_allclose(noise.posterior_error(inputs, l, eps), expected, rtol=1e-12)
    assert (max(expected) > 0) == (eps > 0.5**0.5)


@pytest.mark.parametrize(("d", "l", "n"), [(3, 3, 2), (6, 5, 4), (20, 20, 10)])
def test_the_bayes_error_is_within_its_bounds_and_grows_to_one_half(d, l, n, rng):
    found = []
    for eps in (0.7, 0.9, 1.1, 1.4, 2.0, 10.0):
        inputs = noise_levels.positive_inputs(d, l, n, 4000, rng)
        inputs += draw_noise("ball", eps, rng, inputs.shape)
        errors = noise.posterior_error(inputs, l, eps)
        low, high = noise.bayes_bounds(eps, n, l, d)
        slack = 4 * max(errors.std() / 4000**0.5, 1e-4)
        assert low - slack <= errors.mean() <= high + slack and low <= high <= 0.5
        found.append(errors.mean())
    assert found == sorted(found) and found[0] == 0 and found[-1] > 0.4


def test_the_bayes_error_with_one_place_is_its_lower_bound():
    low, high = noise.bayes_bounds(1.3, 1, 5, 6)
    assert low == high == noise.overlap(1.3, 6) / 2


def test_no_rule_beats_the_posterior(rng):
    """The rule of the larger likelihood errs as often as the posterior says; the nearest pattern errs more often."""
    d, l, n, eps, size = 4, 4, 3, 1.3, 6000
    inputs = noise_levels.positive_inputs(d, l, n, size, rng)
    inputs += draw_noise("ball", eps, rng, inputs.shape)
    pairs = [likelihoods(x, l, eps) for x in inputs]
    wrong = np.mean([0.5 if a == b else float(a < b) for a, b in pairs])
    errors = noise.posterior_error(inputs, l, eps)
    assert wrong == pytest.approx(errors.mean(), abs=4 * (errors.std() + 0.5) / size**0.5)
    nearest = inputs[..., 0].max(1) < inputs[..., 1].max(1)
    assert nearest.mean() > errors.mean() + 0.02


SETTINGS = {
    "d": 8,
    "l": 6,
    "n_patterns": 4,
    "noise": [0.5, 1.0, 2.0],
    "draws": 3000,
    "small_n": [2, 5],
    "small_l": [3, 4],
}


def rows(found, name):
    """The rows of one quantity."""
    lines = zip(*(found[column] for column in ("quantity", "noise", "value", "low", "high")), strict=True)
    return [line[1:] for line in lines if line[0] == name]


def test_the_check_lists_thresholds_counts_and_errors():
    found = compute("brutzkus2021-noise-levels", {**SETTINGS, "root_seed": 1})
    values = [rows(found, f"{name}_noise")[0][1] for name in ("separable", "pooled", "hidden", "overlapping")]
    assert values == sorted(values) and len(set(values)) == 3  # with n = 4, one spurious pattern hides nothing
    for name, cases in (("pooled", 4 * (noise_levels.WORST + 1)), ("hidden", 4)):
        assert sum(row[1] for row in rows(found, f"{name}_cases")) == cases
        assert sum(row[1] for row in rows(found, f"{name}_violations")) == 0
    for level, value, low, high in rows(found, "bayes_error"):
        bounds = noise.bayes_bounds(level, 4, 6, 8)
        assert low <= value < high and bounds[0] <= high and low <= bounds[1]
        (pooled,) = (row for row in rows(found, "pooled_error") if row[0] == level)
        assert pooled[3] > value and pooled[2] <= pooled[1] < pooled[3]
    (none,) = (row for row in rows(found, "bayes_error") if row[0] == 0.5)
    assert none[1:3] == (0, 0) and none[3] == pytest.approx(0.5 * (1 - 0.025 ** (1 / 3000)))


@pytest.mark.parametrize("broken", ["pooled_noise", "hidden_noise", "pooled_filters", "hidden_inputs"])
def test_the_check_finds_a_wrong_threshold(broken, monkeypatch):
    real = getattr(noise, broken)
    wrong = {
        "pooled_noise": lambda l: 1.05 * real(l),
        "hidden_noise": lambda n, l: 0.99 * real(n, l),
        "pooled_filters": lambda l: real(l)[:, ::-1],
        "hidden_inputs": lambda n, l: real(n, l) + 0.01 * np.eye(n, l),
    }[broken]
    monkeypatch.setattr(noise, broken, wrong)
    found = compute("brutzkus2021-noise-levels", {**SETTINGS, "noise": [1.0], "draws": 10, "root_seed": 1})
    prefix = broken.partition("_")[0]
    assert sum(row[1] for row in rows(found, f"{prefix}_violations")) > 0
