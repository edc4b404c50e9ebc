"""The X-hinge limit on Task-Cls as a property of the set of positions, and its exact error over all training sets."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
import pytest
from scipy import stats

from convbias.linear import tasks
from convbias.linear.tasks import cls
from convbias.papers.wu2019.theory import primitive
from convbias.papers.wu2019.theory.components import bounds_at, components, is_bipartite, limit
from convbias.papers.wu2019.theory.exact_limit import (
    limit_error,
    near_errors,
    not_primitive_probability,
    not_primitive_sets,
)
from convbias.papers.wu2019.theory.neighbours import no_pair_probability, uncovered_error
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.svd_estimate import error, estimate, limit_margins, mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs

SMALL = [(d, k) for d in (1, 2, 3, 5, 8, 10) for k in sorted({1, 2, 3, 4, d}) if k <= d]


def position_sets(d):
    """All sets of positions, one row of flags for each; the first is empty."""
    return (np.arange(2**d)[:, None] >> np.arange(d) & 1).astype(bool)


def seen_at(positions, d):
    return np.isin(np.arange(d), positions)


def training_sets(d, n_train):
    """Every training set as a multiset of positions, with the number of its orders."""
    for positions in combinations_with_replacement(range(d), n_train):
        yield positions, factorial(n_train) // prod(map(factorial, Counter(positions).values()))


@pytest.mark.parametrize(("d", "k"), SMALL)
def test_a_product_is_primitive_if_there_is_one_component(d, k):
    sets = position_sets(d)[1:]
    connected = [not any(components(seen, k)) for seen in sets]
    assert connected == primitive.is_primitive(primitive.gram(sets, k)).tolist()


@pytest.mark.parametrize(("d", "k"), SMALL)
def test_sets_are_counted_by_size(d, k):
    sets = position_sets(d)
    counts = np.bincount(sets[~primitive.is_primitive(primitive.gram(sets, k))].sum(1))
    assert not_primitive_sets(d, k) == counts.tolist()


@pytest.mark.parametrize(("d", "k", "n_train"), [(1, 1, 2), (4, 2, 5), (5, 4, 4), (6, 3, 5), (7, 4, 4), (7, 7, 3)])
def test_the_exact_values_are_means_over_all_training_sets(d, k, n_train):
    not_primitive, low, high = Fraction(0), Fraction(0), Fraction(0)
    for positions, orders in training_sets(d, n_train):
        seen = seen_at(positions, d)
        not_primitive += orders * (not primitive.is_primitive(primitive.gram(seen[None], k))[0])
        low, high = (total + orders * bound for total, bound in zip((low, high), limit(seen, k)[:2], strict=True))
    assert not_primitive_probability(d, k, n_train) == float(not_primitive / d**n_train)
    found = limit_error(d, k, n_train)
    assert [float(x) for x in found] == pytest.approx([float(x / d**n_train) for x in (low, high)], rel=1e-13)


@pytest.mark.parametrize(
    ("d", "k", "n_train", "open_"), [(5, 1, 3, 0), (6, 2, 4, 0), (6, 3, 4, 3), (7, 4, 4, 0), (8, 5, 4, 0), (9, 6, 3, 5)]
)
def test_the_set_of_positions_determines_the_error_of_every_training_set(d, k, n_train, open_):
    """Compare with the singular vectors of M_tr, whose entries depend on the numbers of samples, too.

    With d = 6, k = 3 and n = 4, bounds differ if the positions are 2 and 5, with 1, 2 or 3 samples at the first.
    """
    sets = [positions for positions, _ in training_sets(d, n_train)]
    found = estimate(cls.make(d), np.array(sets), k)
    exact = [limit(seen_at(positions, d), k) for positions in sets]
    assert [one.degenerate for one in exact] == found.degenerate.tolist()
    low, high = (np.array([float(bound) for bound in ends]) for ends in list(zip(*exact, strict=True))[:2])
    assert (low <= found.gaussian_test_error + 1e-12).all() and (found.gaussian_test_error <= high + 1e-12).all()
    assert (low[~found.degenerate] == high[~found.degenerate]).all()
    assert (low < high).sum() == open_


def test_on_task_1stctrl_the_numbers_of_samples_matter_too():
    """Positions 1 and 5 reach position 3 with opposite signs. One sample each: 0. Two samples at 5: the wrong sign."""
    found = estimate(tasks.make("first_person", 8), np.array([[1, 5, 7, 7], [1, 5, 5, 7]]), 3)
    assert not found.degenerate.any() and found.test_error[1] - found.test_error[0] == pytest.approx(1 / 2 / 8)


@pytest.mark.parametrize("law", ["normal", "uniform"])
@pytest.mark.parametrize("positions", [(3,), (2, 6), (2, 5), (2, 5, 8)])
def test_the_bounds_hold_for_all_initial_weights_of_the_paper(law, positions, rng):
    """Also for positions at which the limit is worse than chance. w2_0 is not 0 here."""
    d, k, draws = 10, 3, 4000
    matrix = mean_matrix(cls.make(d), np.array(positions), k)
    draw = {"normal": rng.normal, "uniform": lambda size: rng.uniform(-1, 1, size)}[law]
    errors = np.empty(draws)
    for i in range(draws):
        w1, w2 = limit_weights(matrix, draw(size=k), draw(size=d))
        errors[i] = error(np.convolve(w1, w2)[:d] / np.linalg.norm(w1) / np.linalg.norm(w2))
    own, half = limit(seen_at(positions, d), k), 4 * errors.std() / draws**0.5
    assert own.degenerate and own.low - half <= errors.mean() <= own.high + half
    assert (own.low < own.high) == (positions in [(2, 5), (2, 5, 8)])


def test_the_limit_can_be_worse_than_chance_at_a_position():
    """Between two samples 3 apart and with k = 3, all three products of z occur: the error is 1/sqrt(3)."""
    u, _, v = top_singular_pairs(mean_matrix(cls.make(8), np.array([2, 5]), 3))
    forms = limit_margins(cls.make(8), u, v)
    np.testing.assert_allclose(forms[3], np.array([-1, -1, 2]) * forms[3, 2] / 2)
    own = estimate(cls.make(8), np.array([[2, 5]]), 3).gaussian_test_error[0]
    assert own == pytest.approx((2 / 3**0.5 + 4 / 2) / 8)  # positions 3 and 4; 0, 1, 6 and 7; no error at the samples
    assert bounds_at((0,), (0, 1, 2), (-1, 2), 3) == (Fraction(1, 4), Fraction(3, 4))


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        ((), (1 / 2, 1 / 2)),
        ((0,), (0, 0)),
        ((2,), (1 / 2, 1 / 2)),
        ((-1, 2), (1 / 4, 3 / 4)),
        ((-1, 0, 2), (0, 3 / 4)),
        ((0, 1), (0, 1 / 2)),
    ],
)
def test_each_kind_of_position_has_its_bounds(near, expected):
    assert bounds_at((0,), (0, 1, 2), near, 9) == expected


def test_odd_cycles_are_not_bipartite():
    assert is_bipartite(4, {(0, 1), (1, 2), (2, 3), (0, 3)}) and is_bipartite(3, set())
    assert not is_bipartite(4, {(0, 1), (1, 2), (0, 2)}) and not is_bipartite(6, {(0, 1), (3, 4), (4, 5), (3, 5)})


@pytest.mark.parametrize(("k", "n_train"), [(5, 5), (5, 10), (5, 16), (3, 10), (8, 6)])
def test_the_probability_agrees_with_drawn_training_sets(k, n_train, rng):
    draws = 20000
    seen = np.zeros((draws, 100), dtype=bool)
    np.put_along_axis(seen, rng.integers(100, size=(draws, n_train)), True, axis=1)
    count = sum(int((~primitive.is_primitive(primitive.gram(part, k))).sum()) for part in np.array_split(seen, 20))
    interval = stats.binomtest(count, draws).proportion_ci(0.9999, "exact")
    assert interval.low <= not_primitive_probability(100, k, n_train) <= interval.high


@pytest.mark.parametrize(("n_train", "draws"), [(5, 300), (10, 1500), (20, 1500)])
def test_the_bounds_agree_with_drawn_training_sets(n_train, draws, rng):
    errors = estimate(cls.make(100), rng.integers(100, size=(draws, n_train)), 5).gaussian_test_error
    half = 4 * errors.std() / draws**0.5
    low, high = limit_error(100, 5, n_train)
    assert low - half <= errors.mean() <= high + half and half < 0.013


def test_the_probability_falls_by_the_largest_set_that_is_not_primitive():
    """Every second position, 50 of 100. The bound of Lemma 5 falls by 52 of 100."""
    n_train = np.linspace(100, 1000, 10).astype(int)
    falls = np.polyfit(n_train, np.log(not_primitive_probability(100, 5, n_train)), 1)[0]
    assert len(not_primitive_sets(100, 5)) - 1 == 50 and falls == pytest.approx(np.log(0.5), rel=0.003)


def test_the_bounds_close_and_become_err_2():
    n_train = np.arange(1, 301)
    low, high = limit_error(100, 5, n_train)
    err_2, not_primitive = uncovered_error(100, 5, n_train), not_primitive_probability(100, 5, n_train)
    assert low.shape == (300,) and (err_2 <= low).all() and (low <= high).all()
    assert (high <= err_2 + not_primitive).all() and (not_primitive <= no_pair_probability(100, 5, n_train)).all()
    assert (high - low)[9:].max() < 0.0011 and (high - low)[29:].max() < 1e-9
    assert high[0] == low[0] == pytest.approx(0.495) and (high < one_layer_error(100, n_train))[1:].all()
    np.testing.assert_allclose(high[99:], err_2[99:], rtol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 50])
def test_a_filter_of_size_one_has_the_error_of_model_1_layer(d):
    n_train = np.array([1, 3, 40])
    assert not not_primitive_probability(d, 1, n_train).any() and near_errors(d, 1) == ([], [])
    for bound in limit_error(d, 1, n_train):
        np.testing.assert_allclose(bound, one_layer_error(d, n_train), rtol=1e-12)
