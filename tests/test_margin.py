"""The maximum-margin classifier: exact solutions, other solvers and optimality checks."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.svm import SVC

from convbias import margin
from convbias.papers.brutzkus2021.theory.detection_margin import full_support, max_margin_norm, max_margin_norm_bound


def separable(rng, samples, dim, gap=0.1):
    """Rows y x that a random direction separates."""
    rows, direction = rng.normal(size=(samples, dim)), rng.normal(size=dim)
    rows *= np.sign(rows @ direction)[:, None]
    return rows + gap * direction


def slack(signed, weights):
    return np.maximum(0, 1 - signed @ weights).sum()


@pytest.mark.parametrize("shape", [(1, 1), (5, 2), (60, 7), (40, 40), (30, 90)])
def test_weights_are_a_positive_combination_of_the_rows_on_the_margin(shape, rng):
    """These are the conditions of Karush, Kuhn and Tucker, which are sufficient. Least squares gives the factors."""
    signed = separable(rng, *shape)
    found = margin.max_margin(signed)
    margins = signed @ found.weights
    assert found.separable and margins.min() == pytest.approx(1, abs=1e-9)
    support = signed[margins < 1 + 1e-9]
    multipliers, *_ = np.linalg.lstsq(support.T, found.weights)
    np.testing.assert_allclose(support.T @ multipliers, found.weights, atol=1e-9)
    assert multipliers.min() > 0


@pytest.mark.parametrize("shape", [(40, 5), (60, 30), (20, 50)])
def test_weights_agree_with_a_support_vector_machine(shape, rng):
    """The machine also gets the negative rows, so its intercept is 0."""
    signed = separable(rng, *shape)
    machine = SVC(kernel="linear", C=1e8, tol=1e-10)
    machine.fit(np.concatenate([signed, -signed]), np.repeat([1, -1], len(signed)))
    assert machine.intercept_ == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(margin.max_margin(signed).weights, machine.coef_[0], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize(("n", "l"), [(1, 4), (1, 5), (2, 4), (2, 5), (3, 4), (3, 5), (4, 4), (4, 5), (3, 3)])
def test_weights_on_the_whole_support_are_n_copies_of_the_pattern_difference(n, l, rotated, rng):
    signed = full_support(n, l)
    assert signed.shape == (2 * n * (l - 2) ** (n - 1), n * l) == np.unique(signed, axis=0).shape
    rotation = np.linalg.qr(rng.normal(size=(n * l, n * l)))[0] if rotated else np.eye(n * l)
    found = margin.max_margin(signed @ rotation)
    copies = np.tile([1, -1, *[0] * (l - 2)], n)
    np.testing.assert_allclose(rotation @ found.weights, copies, atol=1e-9)
    assert found.separable
    assert found.weights @ found.weights == pytest.approx(max_margin_norm(n), rel=1e-9)
    assert max_margin_norm_bound(n) == n < max_margin_norm(n)


def test_every_row_of_the_support_has_one_signed_pattern_and_spurious_ones():
    blocks = full_support(3, 5).reshape(-1, 3, 5)
    signs = blocks.sum((1, 2)) / 3
    patterns = blocks * signs[:, None, None]
    assert (patterns.sum(2) == 1).all() and (abs(blocks) <= 1).all()
    assert (patterns[..., 0].sum(1) == (signs == 1)).all() and (patterns[..., 1].sum(1) == (signs == -1)).all()
    assert (signs == 1).sum() == 27


@pytest.mark.parametrize(("n", "l"), [(0, 4), (2, 2)])
def test_the_support_needs_n_from_1_and_l_from_3(n, l):
    with pytest.raises(ValueError) as problem:  # noqa: PT011 (the whole message is compared)
        full_support(n, l)
    assert str(problem.value) == f"n must be at least 1 and l at least 3, not {n} and {l}"


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("shape", [(50, 6), (50, 40), (20, 60)])
def test_weights_rotate_and_scale_with_the_samples_and_ignore_copies(shape, scale, rng):
    """The rows are rank-deficient, and separable or not."""
    for gap in (0.1, -0.5):
        signed = separable(rng, *shape, gap)
        signed[:, -1] = signed[:, 0] - signed[:, 1]
        rotation = np.linalg.qr(rng.normal(size=(shape[1], shape[1])))[0]
        plain = margin.max_margin(signed)
        rotated = margin.max_margin(scale * signed @ rotation)
        twice = margin.max_margin(np.repeat(signed, 2, axis=0))
        assert plain.separable == rotated.separable == twice.separable
        if plain.separable:
            np.testing.assert_allclose(rotation @ rotated.weights * scale, plain.weights, rtol=1e-8, atol=1e-9)
            np.testing.assert_allclose(twice.weights, plain.weights, rtol=1e-8, atol=1e-9)
        else:
            least = slack(signed, plain.weights)
            assert slack(signed, rotation @ rotated.weights * scale) == pytest.approx(least)
            assert slack(signed, twice.weights) == pytest.approx(least)


def inseparable(kind, rng):
    signed = separable(rng, 30, 6 if kind != "wide" else 80)
    if kind == "zero row":
        signed[4] = 0
    elif kind == "only zero rows":
        signed[:] = 0
    else:
        signed[7] = -signed[3]
    return signed


@pytest.mark.parametrize(("kind", "least"), [("zero row", 1), ("only zero rows", 30), ("both signs", 2), ("wide", 2)])
def test_samples_that_are_not_separable_have_the_known_least_slack(kind, least, rng):
    signed = inseparable(kind, rng)
    found = margin.max_margin(signed)
    assert not found.separable and slack(signed, found.weights) == pytest.approx(least, rel=1e-9)
    assert (signed @ found.weights <= 0).any()


def test_a_tiny_contradictory_sample_prevents_separation():
    for rows, separable in (([1.0, -1e-6], False), ([1.0, 1e-6], True), ([1.0, 0.0], False)):
        assert margin.max_margin(np.array(rows)[:, None]).separable == separable
    assert margin.max_margin(np.array([[1.0], [1e-6]])).weights == pytest.approx([1e6])


@pytest.mark.parametrize("gap", [1e-2, 1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("trial", range(4))
def test_a_very_small_margin_is_found(gap, trial):
    """Only one direction separates the rows, with a margin of about ``gap``."""
    rng = np.random.default_rng(trial)
    rows = rng.normal(size=(300, 100))
    rows[:, 0] = gap * rng.uniform(1, 2, 300)
    rotation = np.linalg.qr(rng.normal(size=(100, 100)))[0]
    found = margin.max_margin(rows @ rotation)
    assert found.separable and (rows @ rotation @ found.weights).min() == pytest.approx(1, abs=1e-8)
    assert np.linalg.norm(found.weights) <= 1 / gap


@pytest.mark.parametrize("trial", range(8))
def test_least_slack_agrees_with_brute_force_in_the_plane(trial):
    """Slack is linear between the lines y w.x = 1, so it is least at an intersection of two lines."""
    rng = np.random.default_rng(trial)
    signed = rng.normal(size=(9, 2))
    corners = [np.linalg.solve(signed[list(pair)], [1.0, 1.0]) for pair in combinations(range(9), 2)]
    best = min(slack(signed, corner) for corner in corners)
    angles = np.sort(np.arctan2(signed[:, 1], signed[:, 0]))
    widest_gap = np.diff(np.concatenate([angles, angles[:1] + 2 * np.pi])).max()
    found = margin.max_margin(signed)
    assert found.separable == (widest_gap > np.pi)
    if found.separable:
        assert best < 1e-9
    else:
        assert 1 <= best == pytest.approx(slack(signed, found.weights), rel=1e-9)


def test_separability_changes_with_the_sign_of_the_margin():
    """Rows (1, t), (-1, t) and (0, 1) are separable only if t > 0. For t up to 1 the weights are (0, 1 / t)."""
    for t in (1e-4, 1.0, -1e-4, -1.0, 0.0):
        found = margin.max_margin(np.array([[1.0, t], [-1.0, t], [0.0, 1.0]]))
        assert found.separable == (t > 0)
        if t > 0:
            np.testing.assert_allclose(found.weights, [0, 1 / t], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "signed", [np.zeros((0, 3)), np.zeros((3, 0)), np.full((2, 2), np.nan), np.full((1, 2), np.inf)]
)
def test_empty_and_infinite_samples_are_refused(signed):
    with pytest.raises(ValueError) as problem:  # noqa: PT011 (the whole message is compared)
        margin.max_margin(signed)
    given = f"given: {signed.shape}"
    assert str(problem.value) == f"signed: allowed: at least one sample and dimension, finite; {given}"


@pytest.mark.parametrize("gap", [0.1, -0.5])
def test_solutions_that_fail_their_optimality_check_are_refused(gap, rng, monkeypatch):
    """The solvers return slightly wrong weights or multipliers."""
    signed = separable(rng, 30, 5, gap)
    name = "_shortest" if margin.max_margin(signed).separable else "_of_least_slack"
    solver = getattr(margin, name)
    for factors in ((1 + 1e-6, 1), (1 - 1e-6, 1), (1, 1.001), (1, 0.999), (np.nan, 1), (1, np.nan), (0, 0)):

        def off(rows, factors=factors):
            weights, multipliers, _ = solver(rows)
            return factors[0] * weights, factors[1] * multipliers, "off"

        monkeypatch.setattr(margin, name, off)
        message = r"^max_margin of 30 samples x 5: DAQP: .*; HiGHS: .*"
        with pytest.raises(RuntimeError, match=message) as problem:
            margin.max_margin(signed)
        assert "off" in str(problem.value)


def test_optimality_checks_refuse_solutions_that_are_not_optimal():
    rows, accept, refuse = np.array([[1.0], [2.0]]), True, False
    for w, multipliers, expected in (
        (1.0, [1.0, 0.0], accept),
        (0.9, [1.0, 0.0], refuse),  # violates a constraint
        (1.1, [1.0, 0.0], refuse),  # too long
        (1.5, [3.0, -0.75], refuse),  # too long, but a negative multiplier closes the duality gap
    ):
        assert margin._is_shortest(rows, np.array([w]), np.array(multipliers)) == expected
    rows = np.array([[1.0], [-2.0]])
    for w, multipliers, expected in (
        (0.0, [1.0, 0.5], refuse),  # slack 2, but 1.5 is possible
        (-0.5, [1.0, 0.5], accept),
        (-0.5, [1.2, 0.6], refuse),  # a multiplier above 1
        (0.0, [1.0, 1.0], refuse),  # the weighted rows do not cancel
        (-0.5, [0.0, 0.0], refuse),
    ):
        assert margin._is_of_least_slack(rows, np.array([w]), np.array(multipliers)) == expected
    assert not margin._is_of_least_slack(rows[:1], np.array([1.0]), np.array([0.0]))  # separable: slack 0, bound 0
