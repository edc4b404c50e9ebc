"""The checks of wu2019: true statements have no violations, and wrong ones are counted."""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations, product

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.checks import compute
from convbias.linear import models, tasks, training
from convbias.papers.wu2019.checks import (
    bias_floor,
    capacity,
    exact_limit,
    first_filter,
    fully_connected,
    limit_assumptions,
    limit_error,
    primitivity,
    random_labels,
    separation,
    smallest_norm,
    sparseness,
    term_bounds,
    twins,
    xhinge_steps,
)
from convbias.papers.wu2019.theory import classifiers, neighbours
from convbias.papers.wu2019.theory.components import Limit, limit
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.population import Population, population_limit
from convbias.papers.wu2019.theory.sparseness import is_sparse
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs, xhinge_weights
from convbias.registry import names

TASKS = ["cls", "first_person", "third_person"]
SETTINGS = {
    "fully-connected": {
        "d": 6,
        "width": 20,
        "depth": [2, 3],
        "n_train": [3, 8],
        "seeds": 6,
        "learning_rate": 0.3,
        "adam_learning_rate": 0.01,
        "step_limit": 3000,
    },
    "capacity": {"tasks": TASKS, "d": 10, "k": 3, "draws": 4},
    "xhinge-steps": {
        "tasks": ["cls", "third_person"],
        "d": 10,
        "k": 3,
        "n_train": [1, 10],
        "seeds": 4,
        "steps": [50, 1, 7],
        "learning_rate": 0.1,
        "init_scale": 0.1,
    },
    "primitivity": {
        "d": 16,
        "k": 3,
        "n_train": [4, 8],
        "draws": 60,
        "estimates": 25,
        "small_d": 6,
        "small_k": [1, 3, 6],
    },
    "limit-error": {"tasks": TASKS, "d": 10, "k": 3, "n_train": [2, 6], "seeds": 12},
    "exact-limit": {"d": 10, "k": 3, "n_train": [2, 5], "seeds": 40},
    "separation": {"tasks": ["third_person"], "d": 4, "k": 2, "n_train": [2, 3]},
    "sparseness": {"d": 20, "k": 3, "draws": 12},
    "closeness": {
        "tasks": ["cls", "third_person"],
        "d": 10,
        "k": 3,
        "n_train": [3, 6],
        "seeds": 3,
        "initialisations": 5,
        "learning_rate": 0.1,
        "init_scale": 0.1,
        "step_limit": 10**5,
    },
    "first-filter": {
        "tasks": TASKS,
        "d": 10,
        "k": 3,
        "n_train": [3, 8],
        "seeds": 3,
        "learning_rate": 0.1,
        "init_scale": 0.1,
        "step_limit": 10**5,
    },
    "random-labels": {
        "tasks": TASKS,
        "d": 10,
        "k": 3,
        "n_train": [3, 8],
        "seeds": 3,
        "learning_rate": 0.1,
        "init_scale": 0.1,
        "steps": 200,
    },
    "smallest-norm": {"tasks": TASKS, "d": 10, "n_train": [3, 8], "seeds": 4},
    "term-bounds": {"d": 10, "k": 3, "n_train": [2, 5], "small_d": 6},
    "limit-assumptions": {"tasks": TASKS, "d": 4, "k": 2, "n_train": [1, 2], "draws": 2},
    "bias-floor": {"tasks": TASKS, "d": [4, 6]},
    "twins": {
        "d": 12,
        "k": 3,
        "n_train": [2, 8],
        "seeds": 3,
        "draws": 8,
        "learning_rate": 0.1,
        "init_scale": 0.1,
        "step_limit": 10**5,
    },
}


def counted(name, **settings):
    """The value of each quantity, by the other columns that have values."""
    columns = compute(f"wu2019-{name}", {**SETTINGS[name], **settings, "root_seed": 7})
    keys = [key for key in ("d", "k", "n_train", "quantity") if columns[key] is not None]
    rows = zip(*(columns[key] for key in keys), columns["value"], strict=True)
    return {tuple(part for part in key if part is not None): value for *key, value in rows}


def found(name, **settings):
    """The sum of each quantity over the rows."""
    total = {}
    for (*_, quantity), value in counted(name, **settings).items():
        total[quantity] = total.get(quantity, 0) + value
    return total


# capacity


def test_both_models_have_the_same_capacity():
    values = found("capacity")
    assert (values["capacity_cases"], values["capacity_violations"]) == (2 * 4 * 3, 0) and values[
        "capacity_deviation"
    ] < 1e-15
    assert set(counted("capacity")) == {
        (10, 3, name) for name in ("capacity_cases", "capacity_violations", "capacity_deviation")
    }


@pytest.mark.parametrize("name", ["conv", "one_layer"])
def test_margins_agree_with_their_definition(name, rng):
    task, layers = tasks.make("third_person", 8), models.load(name).layers(8, 3)
    parts = [rng.normal(size=layer.size) for layer in layers]
    x, y = reference.dense(task)
    expected = np.array([label * reference.output(name, parts, point) for point, label in zip(x, y, strict=True)])
    stored = np.concatenate([np.pad(part, (layer.zeros, 0)) for layer, part in zip(layers, parts, strict=True)])
    margins = capacity.margins(name, 8, 3, stored, task.distinct)
    np.testing.assert_allclose(margins[task.distinct.of], expected, rtol=1e-12, atol=1e-14)


def changed(at, by):
    """The equivalent weights of Model-1-Layer, except one that is multiplied by ``by``."""
    return lambda w1, w2: np.convolve(w1, w2)[: len(w2)] * np.where(np.arange(len(w2)) == at, by, 1)


@pytest.mark.parametrize(
    ("function", "wrong", "violations"),
    [
        ("effective", lambda w1, w2: np.convolve(w1[::-1], w2)[: len(w2)], 12),
        ("effective", lambda w1, w2: np.convolve(w1, w2)[1 : len(w2) + 1], 12),
        ("effective", changed(9, 1.1), 12),  # only few inputs differ
        ("effective", lambda w1, w2: np.convolve(w1, w2)[: len(w2)] * (1 + 2e-12), 12),
        ("effective", lambda w1, w2: np.convolve(w1, w2)[: len(w2)] * (1 + 5e-13), 0),
        ("conv_weights", lambda w, k: np.concatenate([np.eye(k)[1], w]), 12),
        ("effective", lambda w1, w2: np.full(len(w2), np.nan), 12),
    ],
)
def test_a_wrong_map_between_the_models_is_counted(function, wrong, violations, monkeypatch):
    monkeypatch.setattr(capacity, function, wrong)
    assert found("capacity")["capacity_violations"] == violations


# xhinge_steps


def test_training_agrees_with_its_closed_form_limit_and_rate():
    by_size = counted("xhinge-steps")
    for n_train in (1, 10):
        mine = {quantity: value for (_, _, n, quantity), value in by_size.items() if n == n_train}
        assert [mine[f"{name}_cases"] for name in xhinge_steps.TOLERANCE] == [2 * 4 * 3, 2 * 4, 2 * 4]
        assert not any(mine[f"{name}_violations"] for name in xhinge_steps.TOLERANCE)
        assert mine["closed_form_deviation"] < 1e-12 and mine["limit_deviation"] < 1e-9
        assert 0 <= mine["rate_deviation"] < 1e-3


def test_degenerate_training_sets_are_checked_too():
    task = tasks.make("cls", 10)
    pairs = [top_singular_pairs(mean_matrix(task, tasks.draw_points(task, 7, 1, seed), 3)) for seed in range(4)]
    assert [pair.v.shape[1] for pair in pairs].count(3) > 0


def test_checks_use_the_training_sets_and_initial_weights_of_the_experiments(monkeypatch):
    taken, train = [], xhinge_steps.train

    def observe(task, model, loss, k, weights, points, learning_rate, steps):
        assert (task.name, model, loss, k) == ("third_person", "conv", "xhinge", 3)
        taken.append((weights, points, steps))
        return train(task, model, loss, k, weights, points, learning_rate, steps)

    monkeypatch.setattr(xhinge_steps, "train", observe)
    found("xhinge-steps", tasks=["third_person"], n_train=[10])
    task = tasks.make("third_person", 10)
    points = np.stack([tasks.draw_points(task, 7, 10, seed) for seed in range(4)])
    assert (taken[0][1] == points).all()
    assert (taken[0][0] == models.draw_weights("conv", 10, 3, 7, task.name, 10, [0, 1, 2, 3], 0.1)).all()
    assert [steps for *_, steps in taken] == [1, 6, 43]


def second_pair(matrix, w1, w2):
    u, _, vt = np.linalg.svd(matrix, full_matrices=False)
    start = vt[1] @ w1 + u[:, 1] @ w2
    return vt[1] * start, u[:, 1] * start


def one_pair(matrix, w1, w2):
    """The limit for a simple top singular value, also if it is degenerate."""
    u, _, vt = np.linalg.svd(matrix, full_matrices=False)
    start = vt[0] @ w1 + u[:, 0] @ w2
    return vt[0] * start, u[:, 0] * start


def test_a_learning_rate_that_hides_the_rate_of_convergence_is_refused():
    settings = {"tasks": ["cls"], "d": 10, "k": 3, "n_train": [3], "seeds": 2, "steps": [1], "init_scale": 0.1}
    with pytest.raises(ValueError, match=r"^learning_rate = 1e\+30 is too large: .* Choose a smaller one\.$"):
        xhinge_steps.curves(**settings, learning_rate=1e30, root_seed=0)


RATE, STEP, TRAIN = xhinge_steps.predicted_rate, xhinge_steps.scaled_step, xhinge_steps.train


@pytest.mark.parametrize(
    ("function", "wrong", "violated"),
    [
        ("xhinge_weights", lambda m, w1, w2, a, t: xhinge_weights(m, w1, w2, a, t + 1), {"closed_form": 24}),
        ("xhinge_weights", lambda m, w1, w2, a, t: xhinge_weights(m, w1, 0 * w2, a, t), {"closed_form": 24}),
        ("xhinge_weights", lambda *args: tuple((1 + 1e-8) * w for w in xhinge_weights(*args)), {"closed_form": 24}),
        ("xhinge_weights", lambda *args: tuple((1 + 1e-10) * w for w in xhinge_weights(*args)), {}),
        ("train", lambda *args: TRAIN(*args[:6], 1.001 * args[6], args[7]), {"closed_form": 24}),
        ("limit_weights", lambda m, w1, w2: tuple(-w for w in limit_weights(m, w1, w2)), {"limit": 8}),
        ("limit_weights", lambda m, w1, w2: (limit_weights(m, w1, w2)[0], 0 * w2), {"limit": 8}),
        ("limit_weights", second_pair, {"limit": 8}),
        (
            "limit_weights",
            lambda m, w1, w2: limit_weights(m, w1, 0 * w2),
            {"limit": 8},
        ),  # with w2_0 = 0, as in the paper
        ("limit_weights", lambda *args: tuple((1 + 2e-6) * w for w in limit_weights(*args)), {"limit": 8}),
        ("limit_weights", lambda *args: tuple((1 + 5e-7) * w for w in limit_weights(*args)), {}),
        ("limit_weights", lambda m, w1, w2: tuple(np.nan * w for w in (w1, w2)), {"limit": 8}),
        ("predicted_rate", lambda m, a: 1.06 * RATE(m, a), {"rate": 8}),
        ("predicted_rate", lambda m, a: 0.96 * RATE(m, a), {}),
        ("predicted_rate", lambda m, a: np.log1p(a * np.linalg.svd(m)[1][0]), {"rate": 8}),  # with sigma_2 = 0
        ("scaled_step", lambda m, a: STEP(m, 1.2 * a), {"rate": 8}),
    ],
)
def test_every_violation_of_lemma_1_is_counted(function, wrong, violated, monkeypatch):
    monkeypatch.setattr(xhinge_steps, function, wrong)
    values = found("xhinge-steps", n_train=[10])
    assert {name: values[f"{name}_violations"] for name in xhinge_steps.TOLERANCE} == {
        **dict.fromkeys(xhinge_steps.TOLERANCE, 0),
        **violated,
    }


def test_a_limit_that_ignores_degenerate_singular_values_is_counted(monkeypatch):
    monkeypatch.setattr(xhinge_steps, "limit_weights", one_pair)
    assert found("xhinge-steps", n_train=[10])["limit_violations"] == 0
    assert found("xhinge-steps", n_train=[1])["limit_violations"] > 0


@pytest.mark.parametrize(
    ("d", "s", "factor"),
    [
        (6, [1, 0.7, 0.3], 1.14 / 1.2),
        (6, [1, 1, 0.3], 1.06 / 1.2),
        (6, [1, 0, 0], 1 / 1.2),
        (6, [1, 1, 1], 1 / 1.2),
        (3, [1, 1, 1], 0.8 / 1.2),
        (3, [1, 1, 0.3], 1.06 / 1.2),
    ],
)
def test_rates_by_hand(d, s, factor, rng):
    """The second singular value determines the rate, or an untrained direction does, or neither exists."""
    u, v = (np.linalg.qr(rng.normal(size=(size, 3)))[0] for size in (d, 3))
    matrix, start = u * s @ v.T, rng.normal(size=d + 3)
    assert xhinge_steps.predicted_rate(matrix, 0.2) == pytest.approx(-np.log(factor), rel=1e-9)
    assert xhinge_steps.measured_rate(matrix, start, 0.2, 500) == pytest.approx(-np.log(factor), rel=1e-3)


@pytest.mark.parametrize("s", [[1, 0.7, 0.3], [1, 1, 0.3]])
def test_the_measured_rate_is_that_of_the_distance_to_the_limit(s, rng):
    """The steps are so few that the distance can be computed by subtraction."""
    u, v = (np.linalg.qr(rng.normal(size=(size, 3)))[0] for size in (6, 3))
    matrix, start = u * s @ v.T, rng.normal(size=9)
    limit = np.concatenate(limit_weights(matrix, start[:3], start[3:])) / 2
    once, twice = (
        np.linalg.norm(np.concatenate(xhinge_weights(matrix, start[:3], start[3:], 0.2, t)) / 1.2**t - limit)
        for t in (20, 40)
    )
    expected = np.log(once / twice) / 20
    assert xhinge_steps.measured_rate(matrix, start, 0.2, 20) == pytest.approx(expected, rel=1e-9)


# primitivity


def pairs_by_hand(positions, d, k):
    return any({i - 1, i} <= set(positions) for i in range(max(k, 2), d + 1))


def uncovered_by_hand(positions, d, k):
    return sum(all(abs(l - other) >= k for other in positions) for l in range(1, d + 1)) / d / 2


def test_lemma_5_and_theorem_4_hold_on_every_set():
    values = counted("primitivity")
    every = [[*c] for size in range(1, 7) for c in combinations(range(1, 7), size)]
    for k in (1, 3, 6):
        assert values[6, k, "lemma_cases"] == sum(pairs_by_hand(positions, 6, k) for positions in every) > 0
        assert values[6, k, "lemma_violations"] == 0
    for n in (4, 8):
        drawn = {name: values[16, 3, n, name] for name in ("lemma_cases", "theorem_cases")}
        assert 0 < drawn["lemma_cases"] < 60 and 0 < drawn["theorem_cases"] <= 25
        assert values[16, 3, n, "lemma_violations"] == values[16, 3, n, "theorem_violations"] == 0
    assert len(values) == 2 * 4 + 3 * 2


def test_every_set_is_checked_and_the_first_sets_have_an_svd_estimate(monkeypatch):
    sizes = []
    estimate = primitivity.estimate
    monkeypatch.setattr(primitivity, "is_primitive", lambda matrix: np.ones(matrix.shape[:-2], dtype=bool))
    monkeypatch.setattr(
        primitivity, "estimate", lambda task, points, k: sizes.append(points) or estimate(task, points, k)
    )
    values = counted("primitivity", n_train=[8])
    assert values[16, 3, 8, "theorem_cases"] == 25 and [points.shape for points in sizes] == [(25, 8)]
    assert any(len(set(sample)) < 8 for sample in sizes[0].tolist())  # positions can repeat


@pytest.mark.parametrize(
    ("function", "wrong", "counter"),
    [
        ("is_primitive", lambda matrix: np.zeros(matrix.shape[:-2], dtype=bool), "lemma"),
        ("is_primitive", lambda matrix: matrix.any((-2, -1)), "theorem"),
        ("has_adjacent_pair", lambda seen, k: seen.any(1), "lemma"),
        ("has_adjacent_pair", lambda seen, k: (seen[:, :-1] & seen[:, 1:]).any(1), "lemma"),  # also before position k
    ],
)
def test_every_violation_of_lemma_5_or_theorem_4_is_counted(function, wrong, counter, monkeypatch):
    monkeypatch.setattr(primitivity, function, wrong)
    values = found("primitivity")
    other = {"lemma": "theorem", "theorem": "lemma"}[counter]
    assert values[f"{counter}_violations"] > 0 == values[f"{other}_violations"]


def test_each_drawn_set_is_checked_separately(monkeypatch):
    """Sets with an even number of distinct positions count as not primitive."""
    is_primitive = primitivity.is_primitive
    monkeypatch.setattr(primitivity, "is_primitive", lambda matrix: is_primitive(matrix) & (matrix[..., 0, 0] % 2 == 1))
    values = counted("primitivity", small_k=[1])
    assert all(0 < values[16, 3, n, "lemma_violations"] < values[16, 3, n, "lemma_cases"] for n in (4, 8))


@pytest.mark.parametrize(("excess", "violated"), [(0.0, 0), (5e-10, 0), (2e-9, 1), (-2e-9, 1)])
def test_each_training_set_has_its_own_bound_of_theorem_4(excess, violated, monkeypatch):
    estimate = primitivity.estimate

    def by_hand(task, points, k):
        bounds = [uncovered_by_hand(sample, task.d, k) for sample in (points + 1).tolist()]
        return estimate(task, points, k)._replace(test_error=np.array(bounds) + excess)

    monkeypatch.setattr(primitivity, "estimate", by_hand)
    values = found("primitivity")
    assert values["theorem_violations"] == violated * values["theorem_cases"] and values["theorem_cases"] > 0


def test_primitivity_does_not_depend_on_the_chunk_size(monkeypatch):
    whole = counted("primitivity")
    monkeypatch.setattr(primitivity, "CHUNK", 7 * 16 * 3)
    assert counted("primitivity") == whole


def test_filters_wider_than_the_small_sets_are_refused():
    with pytest.raises(ValueError) as problem:  # noqa: PT011 (the whole message is compared)
        found("primitivity", small_k=[3, 7])
    assert str(problem.value) == "small_k must be at most small_d = 6, not 7"


# sparseness


def test_sparse_training_sets_have_the_error_of_one_layer():
    values = found("sparseness")
    assert (values["sparseness_cases"], values["sparseness_violations"]) == (13, 0) and values[
        "sparseness_deviation"
    ] < 1e-12


@pytest.mark.parametrize(("d", "k"), [(12, 2), (9, 3), (6, 1), (4, 4)])
def test_every_sparse_set_can_be_drawn_and_no_other(d, k, rng):
    drawn = [sparseness.draw_sparse_positions(d, k, rng) for _ in range(1000)]
    assert all(is_sparse(positions, k) and positions.max() <= d for positions in drawn)
    every = {
        positions
        for size in range(1, d + 1)
        for positions in combinations(range(1, d + 1), size)
        if is_sparse(np.array(positions), k)
    }
    assert {tuple(np.unique(positions).tolist()) for positions in drawn} == every
    counts = [np.unique(positions, return_counts=True)[1] for positions in drawn]
    assert {count for each in counts for count in each.tolist()} == set(range(1, 10))
    assert any(len(set(each.tolist())) > 1 for each in counts) or d < 3 * k


ESTIMATE = sparseness.estimate


@pytest.mark.parametrize(
    ("function", "wrong", "violations"),
    [
        ("draw_sparse_positions", lambda d, k, rng: np.array([7, 8]), 12),  # an adjacent pair
        ("sparse_positions", lambda d, k: np.array([8, 7]), 1),  # only the largest sparse set is replaced
        ("estimate", lambda *args: ESTIMATE(*args)._replace(gaussian_test_error=ESTIMATE(*args).test_error), 13),
        ("estimate", lambda *args: shifted(ESTIMATE(*args), 2e-9), 13),
        ("estimate", lambda *args: shifted(ESTIMATE(*args), -2e-9), 13),
        ("estimate", lambda *args: shifted(ESTIMATE(*args), 5e-10), 0),
    ],
)
def test_every_error_that_differs_from_one_layer_is_counted(function, wrong, violations, monkeypatch):
    monkeypatch.setattr(sparseness, function, wrong)
    assert found("sparseness")["sparseness_violations"] == violations


def shifted(estimate, by):
    return estimate._replace(gaussian_test_error=estimate.gaussian_test_error + by)


def test_sparse_training_sets_have_both_classes(monkeypatch):
    taken = []
    monkeypatch.setattr(
        sparseness, "estimate", lambda task, points, k: taken.append(points) or ESTIMATE(task, points, k)
    )
    found("sparseness")
    points = np.concatenate(taken, axis=1)[0]
    assert 0 < (points < 20).mean() < 1 and points.min() >= 0 and points.max() < 40


# limit_error


def test_the_limit_is_never_above_the_svd_estimate_and_equals_it_if_the_pair_is_unique():
    values = counted("limit-error")
    for n in (2, 6):
        assert values[10, 3, n, "bound_cases"] == 3 * 12 >= values[10, 3, n, "unique_cases"] > 0
        assert values[10, 3, n, "bound_violations"] == values[10, 3, n, "unique_violations"] == 0
    assert values[10, 3, 2, "unique_cases"] < 3 * 12


def test_the_errors_of_the_limit_are_those_of_many_steps(rng):
    """By gradient descent on each point's output. Ties in the limit are the outputs that grow more slowly."""
    task = tasks.make("first_person", 8)
    x, y = reference.dense(task)
    matrix = mean_matrix(task, np.array([1, 2, 6]), 3)
    starts = rng.normal(size=(3, 3))
    found = limit_error.limit_errors(task, matrix, starts)
    for start, error in zip(starts, found, strict=True):
        w1, w2 = start, np.zeros(8)
        for _ in range(2000):
            w1, w2 = w1 + 0.1 * matrix.T @ w2, w2 + 0.1 * matrix @ w1
            w1, w2 = w1 / np.linalg.norm(w1), w2 / np.linalg.norm(w1)
        margins = y * np.array([reference.output("conv", [w1, w2 / np.linalg.norm(w2)], point) for point in x])
        assert error == ((margins < -1e-6) + 0.5 * (abs(margins) <= 1e-6)).mean()


@pytest.mark.parametrize(
    ("by", "bound", "unique"), [({}, 0, 0), ({"test_error": -2e-9}, 1, 1), ({"test_error": 2e-9}, 0, 1)]
)
def test_an_error_above_or_below_the_estimate_is_counted(by, bound, unique, monkeypatch):
    estimate = limit_error.estimate

    def moved(*args):
        own = estimate(*args)
        return own._replace(**{name: getattr(own, name) + change for name, change in by.items()})

    monkeypatch.setattr(limit_error, "estimate", moved)
    values = found("limit-error", tasks=["cls"], n_train=[6])
    assert values["unique_violations"] == unique * values["unique_cases"]
    assert (values["bound_violations"] > 0) == bool(bound)


# separation


def test_the_smallest_training_sets_that_the_limit_does_not_separate_have_three_samples():
    values = counted("separation")
    assert values[4, 2, 2, "separation_third_person_failures"] == 0 < values[4, 2, 2, "separation_third_person_sets"]
    assert values[4, 2, 3, "separation_third_person_failures"] > 0


def test_the_example_of_footnote_6():
    """e_1 - e_2, twice, and e_2 - e_3, by hand: 3 M_tr = [[-2, 1], [1, 1], [1, 0], [0, 0]], times -y."""
    task = tasks.make("third_person", 4)
    x, y = reference.dense(task)
    points = np.array([x.tolist().index(point) for point in ([1, -1, 0, 0], [1, -1, 0, 0], [0, 1, -1, 0])])
    assert (y[points] == -1).all()
    m = np.array([[-2, 1], [1, 1], [1, 0], [0, 0]])
    np.testing.assert_allclose(3 * mean_matrix(task, points, 2), m)
    value, vectors = np.linalg.eigh(m.T @ m)
    v = vectors[:, 1]
    margins = y[points] * np.array([reference.output("conv", [v, m @ v], x[point]) for point in points])
    assert value[1] > 2 * value[0] and margins[0] > 0 > margins[2]
    assert separation.least_margin(task, points, 2) == pytest.approx(margins[2] / value[1] ** 0.5)
    u = m @ v / value[1] ** 0.5 * np.sign(v[0])  # the numbers of docs/papers/wu2019.md
    shown = [*u, *(v * np.sign(v[0])), *(margins / value[1] ** 0.5)]
    assert np.round(shown, 2).tolist() == [-0.87, 0.3, 0.39, 0, 0.97, -0.23, 1.34, 1.34, -0.18]


def test_a_training_set_without_a_unique_limit_does_not_count():
    assert separation.least_margin(tasks.make("cls", 10), np.array([5]), 3) is None


# twins


def test_twins_flip_the_predictions_without_a_sample_and_no_others():
    values = counted("twins")
    for model in ("one_layer", "two_layer"):
        for n in (2, 8):
            counts = (values[12, n, f"twins_{model}_{name}"] for name in ("cases", "violations"))
            assert tuple(counts) == (2 * 3, 0)
    for name in ("sparse", "spaced"):
        assert values[12, 3, f"twins_{name}_violations"] == 0 and values[12, 3, f"twins_{name}_cases"] > 8 * 5


@pytest.mark.parametrize(("d", "k", "spacing"), [(14, 3, 5), (13, 3, 6), (12, 4, 7), (6, 1, 1), (9, 2, 3), (16, 6, 11)])
def test_the_signs_flip_one_output_and_keep_those_of_all_samples(d, k, spacing, rng):
    """By the outputs and gradients of the definition, with random weights, for every position without a sample."""
    for _ in range(20):
        positions = sparseness.draw_spaced_positions(d, 1, spacing, rng) - 1
        w1, w2 = rng.normal(size=k), rng.normal(size=d)
        for flipped in set(range(d)) - set(positions.tolist()):
            signs = twins.sparse_signs(d, k, positions, flipped)
            first, second = signs[:k], signs[2 * k - 1 :]
            w, twin = (classifiers.effective(*layers) for layers in ((w1, w2), (first * w1, second * w2)))
            assert (abs(signs) == 1).all() and twin[flipped] == pytest.approx(-w[flipped])
            np.testing.assert_allclose(twin[positions], w[positions])
            for q in set(positions.tolist()):  # d f(e_q) / d w1_j = w2_{q-j}, and d f(e_q) / d w2_{q-j} = w1_j
                for j in range(min(k, q + 1)):
                    assert first[j] == second[q - j]


@pytest.mark.parametrize("loss", names("linear.losses"))
@pytest.mark.parametrize("steps", [1, 40])
def test_twins_agree_bit_for_bit_for_every_loss_and_at_every_step(loss, steps):
    """The identities use only that a step adds multiples of one layer to the other: not the loss, nor its end."""
    d, k, task = 12, 3, tasks.make("cls", 12)
    points = np.array([1, d + 6, 11])  # e_2, -e_7 and e_12, 2k - 1 apart
    unseen = np.setdiff1d(np.arange(d), points % d)
    plain = np.where(np.isin(np.arange(d), points % d), 1.0, -1.0)
    cases = [("one_layer", plain, unseen), ("two_layer", np.concatenate([np.tile(plain, d), np.ones(d)]), unseen)]
    cases += [("conv", twins.sparse_signs(d, k, points % d, flipped), [flipped]) for flipped in unseen.tolist()]
    for model, signs, flipped in cases:
        start = models.draw_weights(model, d, k, 7, "cls", 3, [0], 0.5)
        both = np.concatenate([start, start * signs])
        trained = training.train(task, model, loss, k, both, np.tile(points, (2, 1)), 0.1, steps)
        assert (trained.weights[1] == trained.weights[0] * signs).all() and trained.steps[0] == trained.steps[1]
        assert (trained.w[1, points % d] == trained.w[0, points % d]).all()
        assert (trained.w[1, flipped] == -trained.w[0, flipped]).all() and trained.w[0, flipped].all()


def test_one_layer_twins_average_to_half_the_unseen_proportion_over_all_signs():
    """The oracle of E_1Layer: all 2^d signs of the initial weights, each trained."""
    task = tasks.make("cls", 4)
    points = np.array([[0, 6]])  # e_1 and -e_3
    every = np.array([[1 - 2 * (i >> j & 1) for j in range(4)] for i in range(16)]) * np.array([0.3, 0.1, 0.2, 0.4])
    run = twins.train(task, "one_layer", "hinge", 1, every, points.repeat(16, axis=0), 0.1, 10**4)
    assert run.errors.test_error.mean() == pytest.approx(2 / 4 / 2)


def with_signs(change):
    """The outcome of each pair on one training set of Task-Cls with samples at 4 and 9, if signs are changed."""
    task, positions, d, k = tasks.make("cls", 12), np.array([3, 8]), 12, 3
    signs = twins.sparse_signs(d, k, positions, 5)
    flips = np.eye(d, dtype=bool)[[5]]
    weights = models.draw_weights("conv", d, k, 7, "cls", 2, [0], 0.1)
    return twins.violates(task, "conv", "hinge", k, 0.1, 10**5, weights, positions[None], change(signs)[None], flips)


def flip(at):
    return lambda signs: np.where(np.arange(len(signs)) == at, -signs, signs)


def test_wrong_signs_are_counted():
    """The weights are w1_1 ... w1_3, two zeros, and w2_1 ... w2_12."""
    assert not with_signs(lambda signs: signs).any()
    assert with_signs(np.ones_like).all()  # the same network: nothing flips
    for at in (0, 2, 5 + 1, 5 + 3, 5 + 8):  # an entry of the filter, or one that a sample uses
        assert with_signs(flip(at)).all(), at
    assert not with_signs(flip(5 + 11)).any()  # w2_12 has no part in either
    assert with_signs(flip(5 + 5)).all()  # w2_6, used by position 6 alone


def test_a_pair_must_give_the_samples_the_same_outputs(monkeypatch):
    """The effective weight at the first sample, position 4, is changed in the twin alone."""
    runs = []

    def train(*arguments):
        runs.append(training.train(*arguments))
        if len(runs) == 2:
            runs[1].w[0, 3] *= 2
        return runs[-1]

    monkeypatch.setattr(twins, "train", train)
    assert with_signs(lambda signs: signs).all() and len(runs) == 2


@pytest.mark.parametrize(
    ("change", "violated"),
    [
        ({}, False),
        ({"step_limit": 3}, True),  # the loss is not yet 0
        ({"flips": [0, 1, 2]}, True),  # position 0 has a sample
        ({"flips": [1, 2], "halves": True}, True),  # half of the positions without a sample do not flip
        ({"flips": [1, 2], "halves": False}, False),
    ],
)
def test_a_pair_must_fit_flip_and_average(change, violated):
    task, points = tasks.make("cls", 6), np.array([[0, 10]])
    unseen = [1, 2, 3, 5]
    case = {"step_limit": 10**5, "flips": unseen, "halves": True, **change}
    flips = np.isin(np.arange(6), case["flips"])[None]
    signs = np.where(np.isin(np.arange(6), unseen), -1.0, 1.0)[None]
    weights = models.draw_weights("one_layer", 6, 1, 7, "cls", 2, [0], 0.1)
    settings = "one_layer", "hinge", 1, 0.1, case["step_limit"]
    assert (twins.violates(task, *settings, weights, points, signs, flips, case["halves"]) == violated).all()


# closeness


def test_correlations_of_closeness_agree_with_networks_one_at_a_time():
    settings = SETTINGS["closeness"]
    found = compute("wu2019-closeness", {**settings, "root_seed": 7})
    d, k = settings["d"], settings["k"]
    expected = []
    for name in settings["tasks"]:
        task = tasks.make(name, d)
        x, y = reference.dense(task)
        for n in settings["n_train"]:
            for seed in range(settings["seeds"]):
                points = tasks.draw_points(task, 7, n, seed)
                apart, errors = [], []
                for init_seed in range(5 * seed, 5 * seed + 5):
                    (start,) = models.draw_weights("conv", d, k, 7, name, n, [init_seed], 0.1)
                    parts = start[:k], start[2 * k - 1 :]
                    ends, _ = reference.train("conv", "hinge", parts, x[points], y[points], 0.1, 10**5)
                    own = np.concatenate([end.detach().numpy() for end in ends])
                    limit = np.concatenate(limit_weights(mean_matrix(task, points, k), *parts))
                    apart.append(1 - own @ limit / np.linalg.norm(own) / np.linalg.norm(limit))
                    errors.append(reference.error(reference.effective("conv", ends).detach().numpy(), x, y))
                expected.append(stats.spearmanr(apart, errors).statistic if np.ptp(errors) else None)
    assert set(found["quantity"]) == {"closeness_cls_correlation", "closeness_third_person_correlation"}
    assert found["value"] == pytest.approx(expected) and found["n_train"] == ([3] * 3 + [6] * 3) * 2


def test_a_training_set_without_a_correlation_has_no_value():
    values = compute("wu2019-closeness", {**SETTINGS["closeness"], "root_seed": 7, "step_limit": 3})["value"]
    assert set(values) == {None}


# Model-1-Layer as Model-Conv-k


def test_a_first_filter_of_one_entry_gives_the_network_of_one_layer():
    values = found("first-filter")
    assert values == {"first_filter_cases": 3 * 3 * 2, "first_filter_violations": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w, k: np.concatenate([np.eye(k)[1], w]),  # a shift
        lambda w, k: np.concatenate([2 * np.eye(k)[0], w]),  # the same errors
        lambda w, k: np.concatenate([np.eye(k)[0], -w]),
    ],
)
def test_every_other_network_than_that_of_one_layer_is_counted(wrong, monkeypatch):
    monkeypatch.setattr(first_filter, "conv_weights", wrong)
    assert found("first-filter")["first_filter_violations"] == 18


def test_a_network_that_does_not_fit_is_counted():
    assert found("first-filter", step_limit=1)["first_filter_violations"] == 18


# random labels


def test_models_cannot_know_random_labels():
    values = found("random-labels")
    for model in ("one_layer", "two_layer", "conv"):
        assert values[f"random_labels_{model}_cases"] == 18 and values[f"random_labels_{model}_violations"] == 0


def test_the_expected_error_with_random_labels_is_one_half_over_all_labels(rng):
    """For the labels of a training set, the mean over all labels of the three other points."""
    task = tasks.make("first_person", 6)
    points, errors = np.array([0, 1, 1, 3]), []
    start = models.draw_weights("conv", 6, 2, 7, "first_person", 4, [0], 0.1)
    for labels in product((-1, 1), repeat=3):
        y = np.array([1, -1, 0, 1, 0, 0])
        y[[2, 4, 5]] = labels
        relabelled = replace(task, y=y)
        trained = training.train(relabelled, "conv", "hinge", 2, start, points[None], 0.1, 100)
        errors.append(random_labels.unseen_error(relabelled, trained.w[0], points))
        x, _ = reference.dense(relabelled)
        unseen = [2, 4, 5]
        assert errors[-1] == pytest.approx(reference.error(trained.w[0], x[unseen], y[unseen]))
    assert np.mean(errors) == pytest.approx(0.5)


def test_training_that_knows_other_labels_is_counted(monkeypatch):
    train = random_labels.train

    def cheat(task, model, loss, k, start, points, *rest):
        return train(task, model, loss, k, start, np.arange(len(task))[None], *rest)

    monkeypatch.setattr(random_labels, "train", cheat)
    assert found("random-labels")["random_labels_conv_violations"] == 18


# maximum margin and minimum norm


def test_the_shortest_classifiers_have_no_weight_without_a_sample():
    values = found("smallest-norm")
    for name in ("max_margin", "min_norm"):
        assert values[f"{name}_cases"] == 24 and values[f"{name}_violations"] == 0
        assert values[f"{name}_deviation"] < 1e-12


def test_the_shortest_classifiers_of_task_cls_by_hand():
    """The maximum margin and the minimum norm have weight 1 at the positions with a sample."""
    task = tasks.make("cls", 6)
    signed = smallest_norm.signed_inputs(task, np.array([2, 8, 5, 5]))  # e_3, -e_3 and e_6, twice
    x, y = reference.dense(task)
    np.testing.assert_array_equal(signed, (x * y[:, None])[[2, 8, 5, 5]])
    expected = [0, 0, 1, 0, 0, 1]
    np.testing.assert_allclose(smallest_norm.max_margin(signed).weights, expected, atol=1e-12)
    np.testing.assert_allclose(np.linalg.pinv(signed) @ np.ones(4), expected, atol=1e-12)


def test_weights_without_a_sample_are_counted(monkeypatch):
    original = smallest_norm.max_margin

    def other(signed):
        one = original(signed)
        return replace(one, weights=one.weights + 2e-9 * abs(one.weights).max())

    monkeypatch.setattr(smallest_norm, "max_margin", other)
    values = found("smallest-norm")
    assert values["max_margin_violations"] > 12 and values["min_norm_violations"] == 0


# simpler forms of the terms of Theorem 4


def test_the_looser_bound_and_the_product_agree_with_brute_force():
    values = counted("term-bounds")
    assert (values["looser_bound_cases",], values["looser_bound_violations",]) == (
        sum(d * d for d in range(1, 7)) + 10,
        0,
    )
    for n in (2, 5):
        expected = np.prod([(10 - 10 * (1 - 0.9**i)) / 10 for i in range(1, n + 1)])
        assert values[10, 3, n, "err_1_product"] == pytest.approx(expected)
    draws = np.array(list(product(range(1, 11), repeat=2)))
    without = [not any(abs(a - b) == 1 and max(a, b) >= 3 for a, b in combinations(draw, 2)) for draw in draws]
    assert values[10, 3, 2, "err_1"] == pytest.approx(np.mean(without))


def test_positions_that_are_too_far_are_counted(monkeypatch):
    monkeypatch.setattr(term_bounds, "far_positions", lambda d, k: [d - k, d - k + 1])
    assert found("term-bounds")["looser_bound_violations"] == 21 + 1


def test_far_positions_are_those_of_the_paper():
    """d - k - min(k, l, d-l+1) + 1, if d is 2k - 1 or more."""
    for d, k in ((9, 5), (12, 3), (5, 1)):
        expected = [d - k - min(k, l, d - l + 1) + 1 for l in range(1, d + 1)]
        assert term_bounds.far_positions(d, k) == expected


# footnotes 1 and 2


def test_the_matrix_is_never_zero_and_errors_need_not_converge_to_that_of_the_limit():
    values = found("limit-assumptions")
    assert values["never_zero_violations"] == 0
    assert values["never_zero_cases"] == 2 * (4 + 10) + 6 + 21
    assert 0 < values["limit_of_errors_failures"] < values["limit_of_errors_cases"]


def test_no_training_set_of_a_separable_task_has_the_matrix_zero():
    """All points have a positive margin under one w, and so has every mean of y x."""
    for name, w in (("cls", np.ones(8)), ("first_person", np.repeat([-1, 1], 4)), ("third_person", -np.arange(8))):
        x, y = reference.dense(tasks.make(name, 8))
        assert (y * (x @ w) > 0).all() or (y * (x @ -w) > 0).all()


@pytest.mark.parametrize("start", [(3, 5), (3, -5)])
def test_the_example_of_footnote_2(start):
    """With the sample e_1 and k = 2, the output at e_2 has the sign of the product of the initial weights."""
    task = tasks.make("cls", 4)
    matrix = mean_matrix(task, np.array([0]), 2)
    errors = set(limit_assumptions.late_errors(task, np.rint(matrix).astype(int), np.array(start), 1))
    wrong = 1 if start[1] < 0 else 0  # at e_2 and -e_2; at two other positions the output is 0
    assert errors == {(2 * wrong + 4 * 0.5) / 8}
    w1, w2 = limit_weights(matrix, np.array(start, dtype=float), np.zeros(4))
    assert limit_assumptions.limit_error(task, w1, w2) == 6 * 0.5 / 8


def test_exact_steps_are_those_of_the_closed_form(rng):
    task = tasks.make("third_person", 4)
    for sample in ([0], [3, 7], [1, 1]):
        matrix = mean_matrix(task, np.array(sample), 2)
        start = rng.integers(-50, 50, size=2)
        errors = limit_assumptions.late_errors(task, np.rint(len(sample) * matrix).astype(int), start, len(sample))
        assert len(errors) == 50
        w1, w2 = xhinge_weights(matrix, start.astype(float), np.zeros(4), 1.0, 51)
        x, y = reference.dense(task)
        w = np.convolve(w1, w2)[:4]
        margin = y * (x @ w) / abs(w).max()
        if (abs(margin) > 1e-9).all():
            assert errors[0] == reference.error(w, x, y)


# the bias floor


def test_the_floor_is_the_error_of_the_population_at_every_filter_size():
    values = counted("bias-floor")
    assert len(values) == 3 * 3 * (4 + 6)
    for name in TASKS:
        for d, k in ((4, 1), (4, 4), (6, 3), (6, 6)):
            found = population_limit(tasks.make(name, d), k)
            parts = [values[d, k, f"floor_{name}{part}"] for part in ("", "_gap", "_smallest_output")]
            assert parts == [found.error, found.gap, found.smallest_output]
    assert values[6, 2, "floor_third_person"] == pytest.approx(2 / 30)


def test_a_floor_that_is_not_certain_is_empty(monkeypatch):
    uncertain = Population(0.3, 0.0, 1.0)
    monkeypatch.setattr(bias_floor, "population_limit", lambda task, k: uncertain)
    values = counted("bias-floor", tasks=["cls"], d=[2])
    assert {key: value for (_, k, key), value in values.items() if k == 2} == {
        "floor_cls": None,
        "floor_cls_gap": 0.0,
        "floor_cls_smallest_output": 1.0,
    }


# exact_limit


def test_the_exact_values_of_a_check_are_at_all_sizes():
    values, n_train = counted("exact-limit"), np.arange(1, 6)
    curves = {name: np.array([values[10, 3, n, name] for n in range(1, 6)]) for name in ("lemma_5", "one_layer")}
    np.testing.assert_array_equal(curves["lemma_5"], neighbours.no_pair_probability(10, 3, n_train))
    np.testing.assert_array_equal(curves["one_layer"], one_layer_error(10, n_train))
    assert values[10, 3, "lemma_5_base"] == neighbours.bases(10, 3).err_1 / 10
    assert values[10, 3, "not_primitive_base"] == 0.5  # positions 1, 3, 5, 7 and 9
    for n in range(1, 6):
        low, high, failing = (values[10, 3, n, name] for name in ("limit_low", "limit_high", "not_primitive"))
        assert failing <= values[10, 3, n, "lemma_5"]
        assert neighbours.uncovered_error(10, 3, n) <= low <= high <= neighbours.uncovered_error(10, 3, n) + failing


def test_the_positions_determine_the_limit_on_the_training_sets_of_the_experiments(monkeypatch):
    seen = []

    def observe(flags, k):
        seen.append((flags.tolist(), k))
        return limit(flags, k)

    monkeypatch.setattr(exact_limit.components, "limit", observe)
    values = found("exact-limit")
    assert (values["exact_limit_cases"], values["exact_limit_violations"]) == (80, 0)
    points = [tasks.draw_points(tasks.make("cls", 10), 7, n, seed) for n in (2, 5) for seed in range(40)]
    assert seen == [(np.isin(range(10), sample % 10).tolist(), 3) for sample in points]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda own: Limit(own.low, own.high, not own.degenerate),
        lambda own: Limit(own.low + Fraction(1, 10**8), own.high + Fraction(1, 10**8), own.degenerate),
        lambda own: Limit(own.low - Fraction(1, 10**8), own.high - Fraction(1, 10**8), own.degenerate),
    ],
)
def test_a_training_set_that_contradicts_its_positions_is_counted(wrong, monkeypatch):
    """With 5 samples, most training sets have a simple sigma_1, and so bounds that are equal."""
    monkeypatch.setattr(exact_limit.components, "limit", lambda flags, k: wrong(limit(flags, k)))
    assert found("exact-limit", n_train=[5])["exact_limit_violations"] > 30


def test_rounding_is_no_contradiction(monkeypatch):
    off = Fraction(1, 10**10)
    monkeypatch.setattr(
        exact_limit.components,
        "limit",
        lambda flags, k: limit(flags, k)._replace(low=limit(flags, k).low + off, high=limit(flags, k).high + off),
    )
    assert found("exact-limit", n_train=[5])["exact_limit_violations"] == 0


# fully connected networks


def made_networks(depth, samples=6, runs=2, d=4):
    """Networks with training sets of that many samples; ``share`` is the proportion of each point in a set."""
    layers = fully_connected.draw_layers(d, 20, depth, 3, samples, runs)
    task = tasks.make("cls", d)
    share = np.random.default_rng(3).multinomial(samples, [1 / len(task)] * len(task), size=runs) / samples
    return task, fully_connected.dense(task), share, layers


def torch_loss(x, y, share, layers):
    """The hinge loss of one network by the definition, one point at a time."""
    total = 0
    for point, label, part in zip(x, y, share, strict=True):
        h = torch.tensor(point)
        for weights in layers[:-1]:
            h = torch.relu(weights @ h)
        total = total + part * torch.clamp(1 - label * (layers[-1] @ h)[0], min=0)
    return total


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_gradient_of_relu_networks_agrees_with_autograd(depth):
    task, x, share, layers = made_networks(depth)
    gradients, done = fully_connected.gradient(x, task.y, share, layers)
    assert not done.any()
    for run in range(2):
        own = [torch.tensor(layer[run], requires_grad=True) for layer in layers]
        expected = torch.autograd.grad(torch_loss(x, task.y, share[run], own), own)
        for found, right in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(found[run], right, rtol=1e-12, atol=1e-15)
    large = [100 * layer[:1] for layer in layers]
    labels = np.sign(fully_connected.outputs(x, large)[0]).astype(int)
    assert abs(fully_connected.outputs(x, large)).min() >= 1
    _, done = fully_connected.gradient(x, labels, share[:1], large)
    assert done.all()


@pytest.mark.parametrize("name", ["gd", "adam"])
def test_training_of_relu_networks_agrees_with_torch(name):
    task, x, share, layers = made_networks(3)
    rule = partial(fully_connected.descent, 0.3) if name == "gd" else partial(fully_connected.adam, 0.01)
    trained = fully_connected.train(x, task.y, share, layers, rule, 2000)
    assert trained.finished.all() and len(set(trained.steps)) == 2  # so each stops by itself
    for run in range(2):
        own = [torch.tensor(layer[run], requires_grad=True) for layer in layers]
        make = partial(torch.optim.SGD, lr=0.3) if name == "gd" else partial(torch.optim.Adam, lr=0.01)
        optimiser = make(own)
        for _ in range(trained.steps[run]):
            optimiser.zero_grad()
            loss = torch_loss(x, task.y, share[run], own)
            assert loss > 0
            loss.backward()
            optimiser.step()
        assert torch_loss(x, task.y, share[run], own) == 0
        for found, right in zip(trained.layers, own, strict=True):
            np.testing.assert_allclose(found[run], right.detach(), rtol=1e-9, atol=1e-12)


def test_networks_that_do_not_finish_stop_at_the_limit_and_have_no_error():
    task, x, share, layers = made_networks(2)
    trained = fully_connected.train(x, task.y, share, layers, partial(fully_connected.descent, 1e-6), 5)
    assert not trained.finished.any() and (trained.steps == 5).all()
    rows = compute("wu2019-fully-connected", {**SETTINGS["fully-connected"], "step_limit": 1, "root_seed": 7})
    of = dict(zip(rows["quantity"], rows["value"], strict=True))
    assert np.isnan(of["relu_gd_2_error"]) and of["twins_relu_gd_2_violations"] == 0  # the twins agree at every step


def test_twins_of_relu_networks_err_on_half_of_the_points_without_a_sample():
    values = found("fully-connected")
    for network in ("gd_2", "adam_2", "gd_3", "adam_3"):
        counts = [values[f"twins_relu_{network}_{key}"] for key in ("cases", "violations")]
        assert counts == [2 * 6, 0]


def test_the_parts_of_the_error_are_those_of_the_trained_networks():
    settings = {**SETTINGS["fully-connected"], "root_seed": 7}
    rows = compute("wu2019-fully-connected", settings)
    keys = zip(rows["quantity"], rows["n_train"], rows["seed"], strict=True)
    of = dict(zip(keys, rows["value"], strict=True))
    task = tasks.make("cls", 6)
    x = fully_connected.dense(task)
    for n in (3, 8):
        points = [tasks.draw_points(task, 7, n, seed) for seed in range(6)]
        share = np.stack([np.bincount(sample, minlength=12) / n for sample in points])
        start = fully_connected.draw_layers(6, 20, 3, 7, n, 6)
        trained = fully_connected.train(x, task.y, share, start, partial(fully_connected.adam, 0.01), 3000)
        f = fully_connected.outputs(x, trained.layers)
        for seed, sample in enumerate(points):
            positions = {point % 6 for point in sample}
            wrong = [task.y[p] * f[seed, p] < 0 for p in range(12)]
            assert not any(wrong[p] for p in sample)
            assert of["relu_adam_3_error", n, seed] == pytest.approx(sum(wrong) / 12)
            assert of["relu_adam_3_seen", n, seed] == pytest.approx(
                sum(wrong[p] for p in range(12) if p % 6 in positions) / 12
            )
            assert of["relu_adam_3_chance", n, seed] == pytest.approx((2 * len(positions) - len(set(sample))) / 24)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda layers, signs: [layers[0] * signs[:, None] + 1e-9 * (signs[:, None] < 0), *layers[1:]],
        lambda layers, signs: [layers[0] * -signs[:, None], *layers[1:]],
        lambda layers, signs: [layers[0] * signs[:, None], *layers[1:-1], -layers[-1]],
        lambda layers, signs: layers,
    ],
    ids=["a column is not opposite", "the wrong columns", "the last layer, too", "no twin"],
)
def test_wrong_twins_of_relu_networks_are_violations(wrong):
    task, x, share, layers = made_networks(2, samples=2, runs=4)
    seen = (share[:, :4] + share[:, 4:]) > 0
    assert not seen.all(1).any()
    signs, unseen = np.where(seen, 1.0, -1.0), ~np.tile(seen, 2)
    train = partial(fully_connected.train, x, task.y, share, rule=partial(fully_connected.descent, 0.3), step_limit=500)
    right = [layers[0] * signs[:, None], *layers[1:]]
    one, other, bad = (train(layers=each) for each in (layers, right, wrong(layers, signs)))
    assert not fully_connected.differs(x, task.y, one, other, signs, unseen).any()
    assert fully_connected.differs(x, task.y, one, bad, signs, unseen).all()


def test_each_part_of_the_statement_about_twins_can_be_violated(monkeypatch):
    task, x, share, layers = made_networks(2, samples=2, runs=4)
    layers[1][..., 0] = 0  # a unit without effect
    seen = (share[:, :4] + share[:, 4:]) > 0
    signs, unseen = np.where(seen, 1.0, -1.0), ~np.tile(seen, 2)
    rule = partial(fully_connected.descent, 0.0)  # so that the unit remains without effect
    one = fully_connected.train(x, task.y, share, layers, rule, 1)
    right = one._replace(layers=[one.layers[0] * signs[:, None], one.layers[1]])
    first, last = right.layers
    other_unit = right._replace(layers=[np.concatenate([first[:, :1] + 1, first[:, 1:]], axis=1), last])
    for other in (other_unit, right._replace(steps=right.steps + 1), right._replace(finished=~right.finished)):
        assert fully_connected.differs(x, task.y, one, other, signs, unseen).all()
    assert not fully_connected.differs(x, task.y, one, right, signs, unseen).any()
    assert fully_connected.differs(
        x, 0 * task.y + 1, one, right, signs, unseen & (x.sum(1) > 0)
    ).any()  # half of a pair
    outputs = fully_connected.outputs
    monkeypatch.setattr(fully_connected, "outputs", lambda x, layers: outputs(x, layers) * (1 + 1e-9 * x.sum(-1)))
    assert fully_connected.differs(x, task.y, one, right, signs, unseen).all()


def test_the_mean_error_over_all_sign_flips_is_half_at_positions_without_a_sample():
    """Brute force: one sample at e_1 of d = 4, and all signs of the other columns of W1."""
    task = tasks.make("cls", 4)
    x = fully_connected.dense(task)
    (first, last) = fully_connected.draw_layers(4, 6, 2, 1, 1, 1)
    share = np.tile(np.eye(8)[0], (8, 1))
    flips = np.array([[1, *rest] for rest in product([1, -1], repeat=3)], dtype=float)
    start = [first * flips[:, None], np.tile(last, (8, 1, 1))]
    trained = fully_connected.train(x, task.y, share, start, partial(fully_connected.descent, 0.3), 5000)
    assert trained.finished.all()
    wrong = task.y * fully_connected.outputs(x, trained.layers) < 0
    assert wrong[:, [1, 2, 3, 5, 6, 7]].mean() == 0.5 and not wrong[:, 0].any()
