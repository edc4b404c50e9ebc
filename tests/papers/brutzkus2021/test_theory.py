"""The theory of brutzkus2021: shattered points and lucky filters."""

from fractions import Fraction
from itertools import product
from math import comb, exp

import numpy as np
import pytest
from scipy import stats

from convbias.papers.brutzkus2021.theory import lucky_filters, shattering


def test_points_and_filters_for_two_places_by_hand():
    """B = {(o_4, o_1), (o_3, o_2)}; alpha swaps the labels' complements: alpha_0 = y_0, alpha_1 = y_1."""
    points = shattering.shattered_points(2)
    assert points.tolist() == [[3, 0], [2, 1]]
    filters, a = shattering.shattering_network(np.eye(4)[points], np.array([[1.0, -1.0]]))
    assert filters.tolist() == [[[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]]
    assert a.tolist() == [1, 1, -1, -1]
    assert shattering.network_output(np.eye(4)[points], filters, a).tolist() == [[1, -1]]


def test_network_output_agrees_with_its_formula(rng):
    inputs, filters, a = rng.normal(size=(5, 3, 4)), rng.normal(size=(2, 6, 4)), rng.normal(size=6)
    expected = [
        [sum(a_i * max(max(0, w @ p) for p in x) for a_i, w in zip(a, ws, strict=True)) for x in inputs]
        for ws in filters
    ]
    np.testing.assert_allclose(shattering.network_output(inputs, filters, a), expected, rtol=1e-12)


@pytest.mark.parametrize("n", range(2, 8))
def test_the_points_are_distinct_samples_of_the_task_and_complements_share_no_spurious_pattern(n):
    points = shattering.shattered_points(n)
    assert points.shape == (2 ** (n - 1), n) == np.unique(points, axis=0).shape
    assert set(points[:, -1]) == {0, 1} and points[:, :-1].min() == 2 and points.max() == 2 * n - 1
    for i, j in product(range(len(points)), repeat=2):
        shared = set(points[i, :-1]) & set(points[j, :-1])
        assert (not shared) == (i + j == len(points) - 1)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_every_labelling_is_reached(n):
    labellings = shattering.every_labelling(n)
    assert len(labellings) == 2**2 ** (n - 1) and (abs(labellings) == 1).all()
    assert len({row.tobytes() for row in labellings}) == len(labellings)
    cases, violations, largest = shattering.shattering(n, labellings)
    assert (cases, violations) == (labellings.size, 0) and largest < 1e-12


@pytest.mark.parametrize(("n", "count"), [(6, 200), (7, 50), (9, 5)])
def test_drawn_labellings_are_reached(n, count, rng):
    labellings = shattering.random_labellings(n, count, rng)
    assert labellings.shape == (count, 2 ** (n - 1)) and abs(labellings.mean()) < 0.1
    assert shattering.shattering(n, labellings)[:2] == (labellings.size, 0)
    assert shattering.shattering(n, labellings).largest_difference < 1e-10


def test_the_filters_contain_the_solution_of_the_linear_system(rng):
    labels = shattering.random_labellings(5, 3, rng)
    inputs = np.eye(10)[shattering.shattered_points(5)]
    alpha = np.linalg.solve(np.ones((16, 16)) - np.eye(16), labels[:, ::-1].T).T
    filters, _ = shattering.shattering_network(inputs, labels)
    largest = filters.max(2)
    np.testing.assert_allclose(largest[:, :16] - largest[:, 16:], alpha, atol=1e-12)


@pytest.mark.parametrize("change", ["filter left out", "other sign", "labels not complemented"])
def test_a_wrong_network_misses_labels(change, monkeypatch):
    build = shattering.shattering_network

    def broken(inputs, labels):
        filters, a = build(inputs, labels[:, ::-1] if change == "labels not complemented" else labels)
        if change == "filter left out":
            filters[:, 0] = 0
        return filters, -a if change == "other sign" else a

    monkeypatch.setattr(shattering, "shattering_network", broken)
    found = shattering.shattering(3, shattering.every_labelling(3))
    assert 0 < found.violations <= found.cases == 64 and found.largest_difference > 0.3


def test_an_output_of_zero_counts_as_negative(monkeypatch):
    monkeypatch.setattr(shattering, "network_output", lambda inputs, filters, a: np.zeros((len(filters), len(inputs))))
    for label, violations in ((1.0, 4), (-1.0, 0)):
        assert shattering.shattering(3, np.full((1, 4), label)) == (4, violations, 1.0)


def test_shattering_does_not_depend_on_the_chunk_size(monkeypatch, rng):
    labellings = shattering.random_labellings(4, 50, rng)
    whole = shattering.shattering(4, labellings)
    monkeypatch.setattr(shattering, "CHUNK", 7 * 2 * 8**2)
    assert shattering.shattering(4, labellings)[:2] == whole[:2] == (400, 0)


@pytest.mark.parametrize(
    ("function", "n", "allowed"), [("shattered_points", 1, "at least 2"), ("every_labelling", 6, "from 2 to 5")]
)
def test_impossible_sizes_are_refused(function, n, allowed):
    with pytest.raises(ValueError) as problem:  # noqa: PT011 (the whole message is compared)
        getattr(shattering, function)(n)
    assert str(problem.value) == f"n must be {allowed}, not {n}"


def test_lucky_filters_by_hand():
    """Each case: responses to four patterns, a, and whether the filter is lucky for o_1 and for o_2."""
    cases = [
        ((0.5, 0.9, 0.4, -1.0), 1, True, False),  # o_2 does not count for o_1
        ((0.5, 0.9, 0.4, -1.0), -1, False, True),
        ((0.5, 0.9, 0.6, -1.0), 1, False, False),  # o_3 is larger
        ((0.5, 0.9, 0.5, -1.0), 1, False, False),  # a tie
        ((0.5, 0.9, 0.5, -1.0), -1, False, True),
        ((-0.1, -0.2, -0.3, -0.4), 1, False, False),  # largest, but negative
        ((0.0, 0.0, -0.3, -0.4), 1, False, False),  # not positive
        ((0.0, 0.0, -0.3, -0.4), -1, False, False),
        ((0.2, -0.9, 0.1, 0.1), -1, False, False),  # o_1 with the wrong sign
    ]
    w, a, positive, negative = map(np.array, zip(*cases, strict=True))
    lucky = lucky_filters.is_lucky(w, a.astype(float))
    assert lucky.positive.tolist() == positive.tolist() and lucky.negative.tolist() == negative.tolist()


@pytest.mark.parametrize("d", [2, 3, 4, 5, 7])
def test_lucky_probability_counts_orders_and_signs(d):
    """Among the positive responses to d - 1 patterns, each is equally often the largest."""
    total = Fraction(0)
    for signs in product([0, 1], repeat=d - 1):
        total += Fraction(signs[0], 2 * max(1, sum(signs)) * 2 ** (d - 1))
    assert lucky_filters.lucky_probability(d) == pytest.approx(float(total), rel=1e-15)


@pytest.mark.parametrize(("d", "k"), [(2, 4), (2, 8), (3, 6), (4, 5), (2, 1), (3, 7)])
def test_the_probability_of_the_bounds_is_that_of_all_filters(d, k):
    p = lucky_filters.lucky_probability(d)
    inside = outside = 0.0
    for filters in product(range(3), repeat=k):  # lucky for o_1, for o_2, or not
        x, y = filters.count(0), filters.count(1)
        weight = p ** (x + y) * (1 - 2 * p) ** (k - x - y)
        if k <= 4 * d * x <= 4 * k and k <= 4 * d * y <= 4 * k:
            inside += weight
        else:
            outside += weight
    assert lucky_filters.lucky_bounds_probability(d, k) == pytest.approx(inside, abs=1e-14)
    assert lucky_filters.lucky_bounds_failure(d, k) == pytest.approx(outside, rel=1e-12)


@pytest.mark.parametrize(("d", "k"), [(3, 216), (5, 1000), (10, 500)])
def test_small_probabilities_of_failure_are_accurate(d, k):
    """Compare with exact fractions."""
    p = Fraction(1 - Fraction(1, 2 ** (d - 1)), 2 * (d - 1))
    low, high, q = -(-k // (4 * d)), k // d, p.denominator
    lucky, other = p.numerator, q - 2 * p.numerator
    inside = sum(
        comb(k, x) * comb(k - x, y) * lucky ** (x + y) * other ** (k - x - y)
        for x in range(low, high + 1)
        for y in range(low, min(high, k - x) + 1)
    )
    expected = float(1 - Fraction(inside, q**k))
    assert lucky_filters.lucky_bounds_failure(d, k) == pytest.approx(expected, rel=1e-9)
    assert lucky_filters.lucky_bounds_probability(d, k) == pytest.approx(1 - expected, abs=1e-15)


@pytest.mark.parametrize("d", [2, 3, 4, 5, 8, 12, 20, 30, 40])
def test_the_lemma_holds_for_the_smallest_number_of_filters(d):
    k = 8 * d**3
    failure = lucky_filters.lucky_bounds_failure(d, k)
    assert 0 <= failure < 4 * exp(-d) and lucky_filters.lucky_bounds_promised(d) == 1 - 4 * exp(-d)
    assert lucky_filters.lucky_bounds_probability(d, k) >= lucky_filters.lucky_bounds_promised(d)


def test_the_lemma_needs_enough_filters():
    assert lucky_filters.lucky_bounds_probability(10, 100) < lucky_filters.lucky_bounds_promised(10)


@pytest.mark.parametrize(("d", "k"), [(2, 20), (3, 40), (6, 100)])
def test_drawn_counts_have_their_probabilities(d, k, rng):
    n_draws = 2000
    counts = lucky_filters.draw_lucky_counts(d, k, n_draws, rng)
    for lucky in counts.T:
        p = lucky_filters.lucky_probability(d)
        assert stats.binomtest(int(lucky.sum()), n_draws * k, p).pvalue > 1e-3
    assert np.cov(counts.T)[0, 1] == pytest.approx(-k * p**2, abs=4 * k * p / n_draws**0.5)
    inside = ((k <= 4 * d * counts) & (d * counts <= k)).all(1).sum()
    exact = lucky_filters.lucky_bounds_probability(d, k)
    assert 0.2 < exact < 0.999 and stats.binomtest(int(inside), n_draws, exact).pvalue > 1e-3


def test_draws_do_not_depend_on_the_chunk_size(monkeypatch):
    draw = lambda: lucky_filters.draw_lucky_counts(3, 20, 30, np.random.default_rng(5))  # noqa: E731
    whole = draw()
    monkeypatch.setattr(lucky_filters, "CHUNK", 7 * 4)
    assert (draw() == whole).all() and whole.sum() > 0 and whole.max() < 20
