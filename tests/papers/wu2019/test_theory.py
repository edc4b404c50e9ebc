"""The theory of wu2019: exact errors, X-hinge, primitivity, sparse training sets and sample sizes."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from convbias.linear import tasks
from convbias.papers.wu2019.checks import error_terms
from convbias.papers.wu2019.theory import neighbours, population, primitive, sparseness, svd_estimate
from convbias.papers.wu2019.theory.gaussian import negative_probability
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias.papers.wu2019.theory.xhinge import limit_weights, xhinge_weights


@pytest.mark.parametrize(("d", "n_train"), [(2, 1), (3, 2), (4, 3), (3, 5)])
def test_one_layer_error_is_the_mean_over_all_draws(d, n_train):
    draws = list(product(range(d), repeat=n_train))
    unseen = sum(d - len(set(draw)) for draw in draws) / len(draws) / d
    assert one_layer_error(d, n_train) == pytest.approx(unseen / 2, rel=1e-12)


@pytest.mark.parametrize("shape", [(6, 3), (4, 4), (5, 1)])
@pytest.mark.parametrize("steps", [0, 1, 50])
def test_xhinge_weights_agree_with_gradient_descent(shape, steps, rng):
    matrix, w1, w2 = rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=shape[0])
    x, z = w1, w2
    for _ in range(steps):
        x, z = x + 0.05 * matrix.T @ z, z + 0.05 * matrix @ x
    for found, expected in zip(xhinge_weights(matrix, w1, w2, 0.05, steps), (x, z), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * abs(expected).max())


def test_two_short_runs_equal_one_long_run(rng):
    matrix, w1, w2 = rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=6)
    half = xhinge_weights(matrix, w1, w2, 0.1, 20)
    for found, expected in zip(
        xhinge_weights(matrix, *half, 0.1, 30), xhinge_weights(matrix, w1, w2, 0.1, 50), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(("d", "k"), [(d, k) for d in (4, 7, 10) for k in range(1, d + 1)])
def test_the_bases_are_the_largest_sets_by_brute_force(d, k):
    sets = position_sets(d)
    without_pair = sets[~primitive.has_adjacent_pair(sets, k)].sum(1).max()
    far = [sum(abs(l - other) >= k for other in range(d)) for l in range(d)]
    assert neighbours.bases(d, k)[:2] == (without_pair, max(far))
    assert k > (d + 1) // 2 or neighbours.bases(d, k).err_2_approximation == min(far)


@pytest.mark.parametrize(("d", "k"), [(10, 1), (10, 2), (12, 3), (12, 5)])
def test_the_terms_fall_by_their_bases_at_large_n(d, k):
    n = np.array([300, 301])
    own = neighbours.bases(d, k)
    for term, base in (
        (neighbours.no_pair_probability, own.err_1),
        (neighbours.uncovered_error, own.err_2),
        (neighbours.uncovered_error_approximation, own.err_2_approximation),
    ):
        low, high = term(d, k, n)
        assert high / low == pytest.approx(base / d, rel=1e-6)


def test_the_boundary_of_the_order_is_that_of_the_formula():
    """k - 2 + ceil((d-k+2) / 2) < d - 2k + 1 is d > 5k - 4 up to rounding, and < d - k is d > 3k - 2."""
    for d in range(4, 200):
        for k in range(2, d // 2):
            assert error_terms.lower(d, k) == (2 * (d - 3 * k + 3) > d - k + 2 + (d - k) % 2)
            assert error_terms.exactly_lower(d, k) == (2 * (d - 2 * k + 2) > d - k + 2 + (d - k) % 2)


def position_sets(d):
    """All non-empty sets of positions, one row of flags per set."""
    return np.array(list(product([False, True], repeat=d)))[1:]


def all_draws(d, n_train):
    """The positions that are seen in each of the d^n draws."""
    draws = np.array(list(product(range(d), repeat=n_train)))
    seen = np.zeros((len(draws), d), dtype=bool)
    np.put_along_axis(seen, draws, True, axis=1)
    return seen


@pytest.mark.parametrize("start", ["as in the paper", "any"])
def test_limit_weights_agree_with_many_steps(start, rng):
    """The top singular value is simple, then degenerate."""
    u, v = (np.linalg.qr(rng.normal(size=(size, 3)))[0] for size in (6, 3))
    for s in ([1, 0.6, 0.3], [1, 1, 0.3]):
        matrix, w1 = u @ np.diag(s) @ v.T, rng.normal(size=3)
        w2 = np.zeros(6) if start == "as in the paper" else rng.normal(size=6)
        for steps in (0, 400):
            found = xhinge_weights(matrix, w1, w2, 0.2, steps)
            scaled = [2 * part / 1.2**steps for part in found]
        for limit, reached in zip(limit_weights(matrix, w1, w2), scaled, strict=True):
            np.testing.assert_allclose(limit, reached, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("k", [2, 5])
def test_the_singular_gap_determines_the_rate_of_convergence(k, rng):
    """The log distance falls by log((1 + a sigma_1) / (1 + a sigma_2)) per step in the trained directions."""
    s, rate = np.array([1, 0.7, 0.3, 0.2, 0.1])[:k], 0.2
    u, v = (np.linalg.qr(rng.normal(size=(size, k)))[0] for size in (20, k))
    matrix = u * s @ v.T
    w1, w2 = rng.normal(size=k), rng.normal(size=20)
    limit = np.concatenate(limit_weights(matrix, w1, w2))
    steps, x, z, distance = np.arange(1, 301), w1, w2, []
    for _ in steps:
        x, z = x + rate * matrix.T @ z, z + rate * matrix @ x
        now = np.concatenate([x, z])
        distance.append(
            np.linalg.norm(now / np.linalg.norm(now) - np.sign(now @ limit) * limit / np.linalg.norm(limit))
        )
    slope = np.polyfit(steps[200:], np.log(distance[200:]), 1)[0]
    assert slope == pytest.approx(np.log((1 + rate * s[1]) / (1 + rate * s[0])), rel=0.02)


@pytest.mark.parametrize(("d", "n_train"), [(2, 3), (4, 1), (4, 5), (5, 4), (6, 5), (7, 3)])
def test_no_pair_probability_is_the_proportion_of_all_draws(d, n_train):
    for k in range(1, d + 1):
        pairs = primitive.has_adjacent_pair(all_draws(d, n_train), k)
        assert neighbours.no_pair_probability(d, k, n_train) == pytest.approx((~pairs).mean(), rel=1e-12)


@pytest.mark.parametrize(("d", "k", "n_train"), [(100, 5, 60), (300, 1, 200), (1000, 20, 1000), (1000, 5, 60)])
def test_no_pair_probability_has_no_cancellation(d, k, n_train):
    """Compare with a recursion over the number of hit positions, in which all terms are positive."""
    m = min(d, d - k + 2)
    hit = np.zeros(m + 1)
    hit[0] = 1
    number = np.arange(m + 1)
    for _ in range(n_train):
        hit = hit * (d - m + number) / d + np.concatenate([[0], hit[:-1] * (m - number[:-1]) / d])
    s = np.arange((m + 1) // 2 + 1)
    log_choose = lambda n, r: stats.binom.logpmf(r, n, 0.5) - n * np.log(0.5)  # noqa: E731
    expected = (hit[s] * np.exp(log_choose(m - s + 1, s) - log_choose(m, s))).sum()
    assert 0 < expected < 1
    assert neighbours.no_pair_probability(d, k, n_train) == pytest.approx(expected, rel=1e-9)


def test_no_pair_probability_falls_to_0_and_accepts_arrays():
    n_train = np.arange(1, 301)
    curve = neighbours.no_pair_probability(100, 5, n_train)
    assert curve.shape == n_train.shape and curve[0] == 1
    assert (np.diff(curve) < 0).all() and 0 <= curve[-1] < 1e-12


@pytest.mark.parametrize(("d", "n_train"), [(3, 2), (5, 3), (6, 4)])
def test_uncovered_error_is_the_mean_over_all_draws(d, n_train):
    seen = all_draws(d, n_train)
    for k in range(1, d + 1):
        near = np.array([[abs(a - b) < k for a in range(d)] for b in range(d)])
        uncovered = ~(seen[:, None, :] & near).any(2)
        assert neighbours.uncovered_error(d, k, n_train) == pytest.approx(uncovered.mean() / 2, rel=1e-12)


def test_uncovered_error_is_near_its_approximation_and_equals_one_layer_for_k_1():
    n_train = np.array([1, 10, 50])
    exact, approximation = (
        curve(1000, 5, n_train) for curve in (neighbours.uncovered_error, neighbours.uncovered_error_approximation)
    )
    assert (approximation < exact).all()
    np.testing.assert_allclose(approximation, exact, rtol=0.01)
    assert neighbours.uncovered_error_approximation(10, 8, 3) == 0
    for curve in (neighbours.uncovered_error, neighbours.uncovered_error_approximation):
        np.testing.assert_allclose(curve(100, 1, n_train), one_layer_error(100, n_train), rtol=1e-12)


@pytest.mark.parametrize(("d", "k", "n_train"), [(6, 2, 4), (6, 3, 5), (8, 3, 4)])
def test_limit_error_bound_holds_for_the_mean_over_all_draws(d, k, n_train):
    """Theorem 4, with the SVD estimate on each of the d^n draws."""
    task = tasks.make("cls", d)
    draws = np.array(list(product(range(d), repeat=n_train)))
    draws = draws[(np.sort(draws, axis=1) == draws).all(1)]  # the order of samples does not matter
    weight = np.array([stats.multinomial.pmf(np.bincount(draw, minlength=d), n_train, [1 / d] * d) for draw in draws])
    seen = np.zeros((len(draws), d), dtype=bool)
    np.put_along_axis(seen, draws, True, axis=1)
    estimate = svd_estimate.estimate(task, draws, k)
    not_primitive = weight @ ~primitive.is_primitive(primitive.gram(seen, k))
    error = weight @ estimate.gaussian_test_error
    assert weight.sum() == pytest.approx(1)
    bound = neighbours.limit_error_bound(float(not_primitive), d, k, n_train)
    weaker = neighbours.limit_error_bound(neighbours.no_pair_probability(d, k, n_train), d, k, n_train)
    assert error <= bound <= weaker + 1e-12
    covered = primitive.is_primitive(primitive.gram(seen, k))
    near = np.array([[abs(a - b) < k for a in range(d)] for b in range(d)])
    far = ~(seen[covered][:, None, :] & near).any(2)
    np.testing.assert_allclose(estimate.test_error[covered], far.mean(1) / 2)  # it is exact if M_tr is primitive


@pytest.mark.parametrize("k", range(1, 9))
def test_primitivity_by_its_definition_on_all_position_sets(k):
    matrices = primitive.gram(position_sets(8), k)
    powers, positive = matrices > 0, np.zeros(len(matrices), dtype=bool)
    for _ in range((k - 1) ** 2 + 1):
        positive |= powers.all((1, 2))
        powers = powers @ (matrices > 0)
    assert (primitive.is_primitive(matrices) == positive).all()
    assert positive.any() and (k == 1 or not positive.all())


def test_primitivity_of_known_matrices():
    cycle = np.roll(np.eye(4), 1, axis=1)
    slowest = cycle.copy()  # Wielandt's: its first positive power is the (k-1)^2 + 1st
    slowest[3, 1] = 1
    matrices = np.stack([np.ones((4, 4)), np.eye(4), cycle, slowest])
    assert primitive.is_primitive(matrices).tolist() == [True, False, False, True]


@pytest.mark.parametrize("k", [2, 3, 5])
def test_gram_matrix_is_that_of_the_data_matrix(k):
    task = tasks.make("cls", 8)
    seen = position_sets(8)
    for row, found in zip(seen, primitive.gram(seen, k), strict=True):
        positions = np.flatnonzero(row)
        matrix = svd_estimate.mean_matrix(task, positions, k) * len(positions)
        np.testing.assert_allclose(found, matrix.T @ matrix, atol=1e-6)


@pytest.mark.parametrize("k", range(1, 9))
def test_an_adjacent_pair_is_sufficient_for_primitivity(k):
    """Lemma 5 on every set of positions."""
    seen = position_sets(8)
    pair = primitive.has_adjacent_pair(seen, k)
    by_hand = [any(row[i - 2] and row[i - 1] for i in range(max(k, 2), 9)) for row in seen]
    assert pair.tolist() == by_hand
    assert primitive.is_primitive(primitive.gram(seen[pair], k)).all()


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_a_sparse_training_set_gives_no_advantage(k):
    """Proposition 6: the expected error of the limit is exactly that of one layer, 1/2 on unseen positions."""
    d, met = 16, 0
    task = tasks.make("cls", d)
    for size in (1, 2, 3):
        for positions in product(range(1, d + 1), repeat=size):
            if list(positions) != sorted(set(positions)) or not sparseness.is_sparse(np.array(positions), k):
                continue
            met += 1
            estimate = svd_estimate.estimate(task, np.array([positions]) - 1, k)
            assert abs(estimate.gaussian_test_error[0] - (d - size) / d / 2) < 1e-12
    assert met > 5
    largest = sparseness.sparse_positions(d, k)
    assert sparseness.is_sparse(largest, k) and len(largest) == (d + k) // (2 * k)


def test_a_denser_training_set_can_give_an_advantage():
    """For adjacent positions, the expected error on unseen positions is below 1/2."""
    d, k = 16, 3
    for positions, sparse in (((3, 9), True), ((3, 8), False), ((2, 9), False), ((3, 3), True)):
        assert sparseness.is_sparse(np.array(positions), k) == sparse
    estimate = svd_estimate.estimate(tasks.make("cls", d), np.array([[5, 6]]), k)
    assert estimate.gaussian_test_error[0] < (d - 2) / d / 2 - 0.1


@pytest.mark.parametrize(("positive", "negative"), [(1, 1), (1, 2), (4, 3), (1, 20), (50, 50), (97, 3)])
@pytest.mark.parametrize("ratio", [1e-4, 0.3, 1.0, 7.0, 1e5])
def test_negative_probability_agrees_with_the_f_distribution(positive, negative, ratio):
    """P(a chi2_p - b chi2_q < 0) = P(F_{p,q} < b q / (a p))."""
    eigenvalues = np.array([[1.0] * positive + [-ratio] * negative])
    expected = stats.f.cdf(ratio * negative / positive, positive, negative)
    assert negative_probability(eigenvalues)[0] == pytest.approx(expected, abs=1e-12)
    assert negative_probability(-3 * eigenvalues)[0] == pytest.approx(1 - expected, abs=1e-12)


def test_negative_probability_of_definite_forms_and_with_zeros():
    forms = np.array([[0.0, 0, 0], [0, 1, 2], [-1, -2, 0], [-1, 0, 1]])
    np.testing.assert_allclose(negative_probability(forms), [0, 0, 1, 0.5], atol=1e-12)


def test_samples_needed_inverts_the_approximate_error():
    for k in (1, 2, 5, 12):
        for error in (0.1, 0.01):
            n_train = samples_needed(100, k, error)
            assert 0.5 * ((100 - 2 * k + 1) / 100) ** n_train == pytest.approx(error)
    saving = samples_needed(10**6, 1, 0.05) / samples_needed(10**6, 5, 0.05)
    assert saving == pytest.approx(9, rel=1e-4)


@pytest.mark.parametrize(
    ("k", "error", "message"),
    [
        (5, 0.5, "error must be between 0 and 0.5, not 0.5"),
        (5, 0.0, "error must be between 0 and 0.5, not 0.0"),
        (51, 0.1, "k must be at least 1, with 2k - 1 < d = 100, not 51"),
        (0, 0.1, "k must be at least 1, with 2k - 1 < d = 100, not 0"),
    ],
)
def test_samples_needed_refuses_impossible_settings(k, error, message):
    with pytest.raises(ValueError) as problem:  # noqa: PT011 (the whole message is compared)
        samples_needed(100, k, error)
    assert str(problem.value) == message


def test_error_terms_are_exact_and_estimates_cover_them():
    d, k, n_train, n_draws = 100, 5, [3, 8, 12, 20, 40], 10_000
    columns = error_terms.curves(d, k, n_train, n_draws, 7)
    assert (columns.pop("d"), columns.pop("k")) == (d, k)
    rows = {(name, n): values for name, n, *values in zip(*columns.values(), strict=True)}
    assert len(rows) == 5 * 40 + 2 * len(n_train) + 5
    values = [rows[f"{name}_base", None][0] for name in ("err_1", "err_2", "err_2_approximation")]
    assert values == [0.52, 0.95, 0.91]
    assert [rows[f"order_widest{suffix}", None][0] for suffix in ("", "_exact")] == [20, 33]
    for n in (1, 20, 40):
        terms = [neighbours.no_pair_probability(d, k, n), neighbours.uncovered_error(d, k, n)]
        exact = [*terms, neighbours.uncovered_error_approximation(d, k, n), sum(terms), one_layer_error(d, n)]
        names = ("err_1", "err_2", "err_2_approximation", "bound", "err_one_layer")
        assert [rows[name, n] for name in names] == [[value, None, None] for value in exact]
    for n in n_train:
        value, low, high = rows["err_1_estimate", n]
        assert low <= value <= high < 1.0 + (value == 1)
        assert stats.binomtest(round(value * n_draws), n_draws, min(1.0, rows["err_1", n][0])).pvalue > 1e-3
        assert rows["not_primitive_estimate", n][0] <= value


def test_error_terms_do_not_depend_on_the_chunk_size(monkeypatch):
    whole = error_terms.counts(20, 3, 6, 500, 7)
    monkeypatch.setattr(error_terms, "CHUNK", 37 * 20 * 3)
    assert error_terms.counts(20, 3, 6, 500, 7) == whole and 0 < whole[1] < whole[0] < 500
    assert error_terms.counts(20, 3, 6, 500, 8) != whole


# the X-hinge limit of the whole dataset


def exact_errors(name, d, k):
    """The error of the limit of the whole dataset, with the number of outputs near 0, in whole numbers only.

    v is the first column of (M'M)^(2^9), which is the top singular vector up to a relative (sigma_2 / sigma_1)^1024.
    """
    task = tasks.make(name, d)
    m = np.zeros(d + k, dtype=object)
    for positions, x, y in zip(task.position.tolist(), task.x.tolist(), task.y.tolist(), strict=True):
        for position, value in zip(positions, x, strict=True):
            m[position] += value * y
    matrix = np.array([[int(m[i + j]) for j in range(k)] for i in range(d)], dtype=object)
    power = matrix.T @ matrix
    for _ in range(9):
        power = power @ power
        power //= max(1, int(abs(power).max()) // 10**200)  # keep 200 digits
    v = power[:, abs(power[0]).argmax()]
    u = matrix @ v
    w = [sum(v[j] * u[l - j] for j in range(min(k, l + 1))) for l in range(d)]
    largest = max(map(abs, w))
    outputs = [
        y * sum(value * w[position] for position, value in zip(positions, x, strict=True))
        for positions, x, y in zip(task.position.tolist(), task.x.tolist(), task.y.tolist(), strict=True)
    ]
    return sum(f < 0 for f in outputs) / len(task), sum(abs(f) * 10**12 < largest for f in outputs)


@pytest.mark.parametrize("name", ["cls", "first_person", "third_person"])
@pytest.mark.parametrize(("d", "filters"), [(2, (1, 2)), (4, (1, 2, 3, 4)), (10, range(1, 11)), (30, (2, 5, 17, 30))])
def test_the_error_of_the_whole_dataset_agrees_with_whole_numbers(name, d, filters):
    for k in filters:
        found = population.population_limit(tasks.make(name, d), k)
        assert found.certain and exact_errors(name, d, k) == (pytest.approx(found.error, abs=1e-12), 0), k


@pytest.mark.parametrize(
    ("points", "k", "error"),
    [([(2, 1)], 2, 0), ([(2, 1), (3, 1), (3, -1)], 1, 1 / 3)],
    ids=["sigma_1 is degenerate", "an output is 0"],
)
def test_an_error_without_a_unique_limit_is_not_certain(points, k, error):
    """One point e_3; then also e_4 with both labels, so that the mean of y x is 0 there."""
    position, y = np.array(points).T
    task = tasks.Task("made", 4, position[:, None], np.ones((len(y), 1), int), y)
    found = population.population_limit(task, k)
    assert not found.certain and found.error == pytest.approx(error)


@pytest.mark.parametrize("d", [10, 40])
def test_the_error_is_0_in_the_cases_with_a_proof(d):
    for name, largest in (("cls", d), ("first_person", d // 4), ("third_person", 1)):
        for k in range(1, largest + 1):
            found = population.population_limit(tasks.make(name, d), k)
            assert found.certain and found.error == 0, (name, k)


def test_a_filter_of_size_2_on_task_3rdctrl_by_hand():
    """d = 6: 15 m is -5, -3, -1, 1, 3, 5, so 225 M'M is [[70, 35], [35, 45]], and v is (1, 0.705) up to a factor.

    The weights are then -7.1, -8.7, -2.9, 2.9, 8.7 and 9.6 up to a factor. They fall from position 1 to 2, and rise
    from there on. So only e_1 - e_2 and e_2 - e_1 are wrong, of 30 points.
    """
    found = population.population_limit(tasks.make("third_person", 6), 2)
    assert found.error == pytest.approx(2 / 30) and found.certain


def test_the_errors_of_large_training_sets_tend_to_the_error_of_the_population():
    """With infinitely many samples the error is 12 / 90 for k = 9."""
    task = tasks.make("third_person", 10)
    found = population.population_limit(task, 9)
    errors = []
    for n in (30, 1000, 30000):
        points = np.stack([tasks.draw_points(task, 7, n, seed) for seed in range(20)])
        errors.append(abs(svd_estimate.estimate(task, points, 9).test_error - found.error).mean())
    assert errors[0] > 0.02 and errors[1] < errors[0] and errors[2] == pytest.approx(0, abs=1e-12)
