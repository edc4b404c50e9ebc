"""The exact VC dimension of brutzkus2021's network, against enumeration and exact fractions."""

from fractions import Fraction
from itertools import product
from math import comb, log2

import numpy as np
import pytest

from convbias.checks import compute
from convbias.papers.brutzkus2021.checks import vc_dimension as check
from convbias.papers.brutzkus2021.theory import vc_dimension as vc
from convbias.papers.brutzkus2021.theory.detection_margin import full_support
from convbias.papers.brutzkus2021.theory.shattering import network_output, shattered_points

SIZES = list(product([1, 2, 3, 4], [3, 4, 5]))


def eliminated(matrix):
    """The rank and the determinant by Gauss' elimination with fractions."""
    rows, rank, product_ = [[Fraction(int(entry)) for entry in row] for row in matrix], 0, Fraction(1)
    for column in range(len(rows[0])):
        found = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if found is None:
            product_ = Fraction(0)
            continue
        if found != rank:
            rows[rank], rows[found], product_ = rows[found], rows[rank], -product_
        product_ *= rows[rank][column]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [own - factor * pivot for own, pivot in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank, product_


@pytest.mark.parametrize(("n", "l"), SIZES)
def test_the_vc_dimension_counts_the_sets_of_patterns(n, l):
    drawn = vc.drawn_inputs(n, l)
    assert np.array_equal(abs(full_support(n, l)), np.eye(l)[drawn].reshape(len(drawn), -1))  # the support of D
    assert vc.vc_dimension(n, l) == len({frozenset(x) for x in drawn.tolist()})
    everything = vc.drawn_inputs(n, l, any_sequence=True)
    assert len(everything) == l**n == len(np.unique(everything, axis=0))
    assert vc.vc_dimension_of_sequences(n, l) == len({frozenset(x) for x in everything.tolist()})


@pytest.mark.parametrize(("n", "l"), [(2, 3), (2, 5), (3, 4), (4, 5)])
def test_one_input_for_each_set_is_shattered_and_no_larger_set_is(n, l, rng):
    """The features are independent, so outputs can be any labels. With any filters, equal sets have equal outputs."""
    drawn = vc.drawn_inputs(n, l)
    different = np.unique(vc.set_features(drawn, l), axis=0)
    assert eliminated(different)[0] == vc.rank_modulo(different) == vc.vc_dimension(n, l)
    labels = rng.choice([-1, 1], len(different))
    a = np.linalg.lstsq(different.astype(float), labels, rcond=None)[0]
    np.testing.assert_allclose(different @ a, labels, atol=1e-9)
    outputs = network_output(np.eye(l)[drawn], rng.normal(size=(1, 50, l)), rng.normal(size=50))[0]
    assert len(np.unique(outputs.round(9))) == vc.vc_dimension(n, l)


def test_features_are_one_if_the_sets_meet():
    drawn = np.array([[0, 2], [1, 1]])
    sets = [{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}]
    expected = [[int(bool(set(x) & own)) for own in sets] for x in drawn.tolist()]
    assert vc.set_features(drawn, 3).tolist() == expected


@pytest.mark.parametrize("l", [1, 2, 3, 4])
def test_the_matrix_of_all_sets_has_determinant_one(l):
    """Up to its sign, so labels need whole second-layer weights only. Sets of at most l patterns are sequences."""
    every = np.unique(vc.set_features(vc.drawn_inputs(l, l, any_sequence=True), l), axis=0)
    assert every.shape == (2**l - 1, 2**l - 1) and abs(vc.determinant(every)) == 1 == abs(eliminated(every)[1])


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_determinant_of_the_proof(n):
    matrix = vc.proof_matrix(shattered_points(n), 2 * n)
    assert np.array_equal(matrix, 1 - np.eye(2 ** (n - 1), dtype=int)[::-1])  # the complement of I counts from the end
    assert vc.determinant(matrix) == eliminated(matrix)[1]
    assert abs(vc.determinant(matrix)) == 2 ** (n - 1) - 1


def test_ranks_and_determinants_are_exact(rng):
    for _ in range(20):
        matrix = rng.integers(-2, 3, size=(5, 5)) * rng.integers(0, 2, size=(5, 5))
        rank, expected = eliminated(matrix)
        assert vc.determinant(matrix) == expected
        assert vc.rank_modulo(matrix) == rank
        assert vc.rank_modulo(np.vstack([matrix, matrix[::-1]])) == rank
    assert vc.rank_modulo(np.array([[vc.PRIME, 0], [0, 1]])) == 1  # never larger than the rank


def test_the_vc_dimension_is_at_least_the_square_of_the_bound():
    for n in range(2, 40):
        exact = vc.vc_dimension(n, 2 * n)
        assert exact == 4 ** (n - 1) + comb(2 * n - 2, n - 1) - 2 >= vc.vc_bound(2 * n) ** 2
    slope = (log2(vc.vc_dimension(40, 80)) - log2(vc.vc_dimension(4, 8))) / (80 - 8)
    assert slope == pytest.approx(1, abs=0.01) and vc.vc_bound(80) / vc.vc_bound(8) == 2**36
    assert vc.vc_dimension(10, 20) == 310_762 and vc.vc_dimension(1, 5) == 2
    assert vc.vc_dimension(2, 4) == vc.vc_bound(4) ** 2  # the bound's square is reached at the smallest size


def test_on_all_inputs_any_number_of_points_is_shattered(rng):
    """Unit vectors on half a circle: the features of as many random filters are independent."""
    angles = np.sort(rng.uniform(0, np.pi, 12))
    points = np.stack([np.cos(angles), np.sin(angles)], 1)
    turned = np.append(0.0, (angles[1:] + angles[:-1]) / 2) - np.pi / 2  # with a kink before each point
    filters = np.stack([-np.sin(turned + np.pi / 2), np.cos(turned + np.pi / 2)], 1)
    features = network_output(np.repeat(points[:, None], 3, 1), filters[:, None], np.ones(1)).T
    assert np.array_equal(features, np.tril(features)) and (np.diag(features) > 0).all()


def test_sizes_without_a_spurious_pattern_are_refused():
    for n, l in ((0, 3), (1, 2)):
        with pytest.raises(ValueError, match=f"^n must be at least 1 and l at least 3, not {n} and {l}$"):
            vc.vc_dimension(n, l)


SETTINGS = {"n_patterns": [2, 10], "small_n": [1, 2, 3], "small_l": [3, 4], "root_seed": 1}


def total(found, name):
    return sum(value for quantity, value in zip(found["quantity"], found["value"], strict=True) if quantity == name)


def test_the_check_has_no_violation_and_finds_a_wrong_number(monkeypatch):
    found = compute("brutzkus2021-vc-dimension", SETTINGS)
    for name, cases in (("vc", 12), ("determinant", len(check.DETERMINANTS))):
        assert (total(found, f"{name}_cases"), total(found, f"{name}_violations")) == (cases, 0)
    rows = dict(zip(zip(found["quantity"], found["d"], strict=True), found["value"], strict=True))
    assert [rows[name, 20] for name in ("vc_dimension", "vc_bound", "vc_sequences")] == [310_762, 512, 616_665]
    real, exact = vc.rank_modulo, vc.vc_dimension
    monkeypatch.setattr(vc, "vc_dimension", lambda n, l: exact(n, l) + 1)
    assert total(compute("brutzkus2021-vc-dimension", SETTINGS), "vc_violations") == 6
    monkeypatch.setattr(vc, "vc_dimension", exact)
    monkeypatch.setattr(vc, "rank_modulo", lambda matrix: real(matrix) - 1)
    assert total(compute("brutzkus2021-vc-dimension", SETTINGS), "vc_violations") == 12
    monkeypatch.setattr(vc, "determinant", lambda matrix: 0)
    assert total(compute("brutzkus2021-vc-dimension", SETTINGS), "determinant_violations") == len(check.DETERMINANTS)
