"""The loop that trains one network: compiled and as plain Python, and with unlimited exponents."""

from dataclasses import replace
from inspect import unwrap

import numpy as np
import pytest

import plain
from convbias.linear import cores, kernel, models, tasks, training
from convbias.registry import names
from wide import Wide

K = 3


def prepared(task, model, n_train, runs, d, b=0.1, k=K):
    """A task, and the training sets and initial weights of some networks."""
    data = tasks.make(task, d)
    points = np.stack([tasks.draw_points(data, 7, n_train, seed) for seed in range(runs)])
    return data, points, models.draw_weights(model, d, k, 7, task, n_train, [*range(runs)], b)


def assert_equal_bits(one, other):
    """Assert that two results of training are equal bit for bit."""
    assert one.stopped == other.stopped
    for mine, theirs in zip(
        (one.weights, one.w, one.steps, *one.errors, *one.recorded),
        (other.weights, other.w, other.steps, *other.errors, *other.recorded),
        strict=True,
    ):
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("loss", names("linear.losses"))
@pytest.mark.parametrize("model", names("linear.models"))
def test_plain_python_and_compiled_code_give_the_same_bits(model, loss, monkeypatch):
    data, points, weights = prepared("third_person", model, 30, 4, 8, b=0.5)  # 60 entries: some samples are left out
    settings = data, model, loss, K, weights, points, 0.1, 300, [0, 10, 48, 250]
    compiled = training.train(*settings)
    monkeypatch.setattr(training, "train_on_cores", plain.train_on_cores)
    assert_equal_bits(training.train(*settings), compiled)


def test_most_samples_are_left_out(monkeypatch):
    """Otherwise no test of the choice of samples would test anything."""
    calls, slope = [], kernel.losses.load("hinge").slope
    monkeypatch.setattr(kernel.losses.load("hinge"), "slope", lambda margin: calls.append(margin) or slope(margin))
    monkeypatch.setattr(training, "train_on_cores", plain.train_on_cores)
    data, points, weights = prepared("third_person", "conv", 100, 2, 20)
    counts = {}
    for many in (0, 10**9):
        monkeypatch.setattr(kernel, "MANY", many)
        calls.clear()
        trained = training.train(data, "conv", "hinge", K, weights, points, 0.1, 3000)
        counts[many] = len(calls)
        assert set(trained.stopped) == {"zero_loss"}
    different = training._networks(data, weights, points).different
    assert counts[10**9] == (different * (trained.steps + 1)).sum()
    assert counts[0] < 0.7 * counts[10**9]


# X-hinge beyond the range of floats


def with_unlimited_exponents(model, d, k, start, pull, rate, steps):
    """The weights and the effective weights of X-hinge: steps of 53 bits, but nothing overflows or becomes 0."""
    split, effective, step = map(unwrap, models.load(model).make(k))
    weights, long, spare = (
        np.array([Wide(float(number)) for number in numbers], dtype=object)
        for numbers in (start, np.pad(pull, (0, d)), np.zeros(len(start)))
    )
    layers, where = split(weights, d), np.flatnonzero(pull)
    for _ in range(steps):
        step(layers, long, where, len(where), Wide(rate), spare)
    w = np.array([Wide(0.0)] * d, dtype=object)
    effective(layers, w)
    return weights, w


def pull_of(data, points):
    """The sum of y x over some points."""
    entries = np.zeros((len(points), data.d))
    np.put_along_axis(entries, data.position[points], data.x[points] * data.y[points, None], axis=1)
    return entries.sum(axis=0)


def compare_with_unlimited_exponents(data, model, k, start, points, rate, steps):
    """Train with X-hinge and compare all that is reported; returns the powers of two that were divided away."""
    n = points.shape[1]
    trained = training.train(data, model, "xhinge", k, start, points, rate, steps)
    networks = training._networks(data, start, points)
    cores.train_on_cores((model, "xhinge", k, data.position.shape[1]), 0, steps, rate / n, networks, 1)
    assert set(trained.stopped) == {"all_steps"} and (trained.steps == steps).all()
    assert np.isfinite(trained.weights).all() and np.isfinite(trained.w).all()
    for run, own in enumerate(points):
        weights, w = with_unlimited_exponents(model, data.d, k, start[run], pull_of(data, own), rate / n, steps)
        down = int(networks.down[run])
        for mine, began, expected in zip(trained.weights[run], start[run], weights, strict=True):
            if float(expected) == began:  # it never moved
                assert mine == began
            elif expected.exponent - down > -800:  # smaller ones are only known by their sign
                assert mine == float(expected.halved(down))
            else:
                assert np.sign(mine) == np.sign(expected.part)
        assert np.array_equal(np.sign(trained.w[run]), np.sign([number.part for number in w]))
        margins = [
            sum((Wide(float(y * x)) * w[at] for at, x in zip(*entries, strict=True)), Wide(0.0))
            for *entries, y in zip(data.position, data.x, data.y, strict=True)
        ]
        wrong = np.array([(margin.part < 0) + 0.5 * (margin.part == 0) for margin in margins])
        assert trained.errors.test_error[run] == wrong.mean()
        assert trained.errors.train_error[run] == wrong[own].mean()
        loss = sum((margins[point] for point in own), Wide(0.0)) * Wide(-1 / n)
        assert trained.errors.train_loss[run] == pytest.approx(float(loss), rel=1e-12)
    return networks.down


@pytest.mark.parametrize("task", names("linear.tasks"))
@pytest.mark.parametrize(
    ("model", "d", "k", "n_train", "steps"),
    [
        ("conv", 8, 3, 1, 900),
        ("conv", 12, 3, 2, 1500),
        ("conv", 8, 3, 20, 3000),
        ("two_layer", 4, 3, 2, 1600),
        ("two_layer", 4, 3, 12, 5000),
    ],
)
def test_xhinge_agrees_with_unlimited_exponents(task, model, d, k, n_train, steps):
    data, points, start = prepared(task, model, n_train, 2, d, k=k)
    down = compare_with_unlimited_exponents(data, model, k, start, points, 1.0, steps)
    assert (down > 0).any()


def test_weights_that_grow_slowly_keep_their_sign():
    """Samples at 0 and 5 let w1_1 and w1_2 grow at different rates: after 8000 steps, their ratio is below 2^-1490.

    w2 does not move at 6, so the effective weight there changes its sign when w1_2 w2_6 exceeds w1_1 w2_7.
    """
    data, start = tasks.make("cls", 8), models.draw_weights("conv", 8, 2, 7, "cls", 2, [0, 1], 0.1)
    points = np.array([[0, 5], [0, 5]])
    for steps in (500, 2000, 8000):
        down = compare_with_unlimited_exponents(data, "conv", 2, start, points, 1.0, steps)
    assert (down > 5000).all()


@pytest.mark.parametrize("model", ["conv", "two_layer"])
def test_nothing_changes_unless_something_overflows(model, monkeypatch):
    data, points, start = prepared("cls", model, 4, 3, 6)
    settings = data, model, "xhinge", K, start, points, 1.0, 250, [0, 100, 200]
    compiled = training.train(*settings)
    monkeypatch.setattr(training, "train_on_cores", plain.train_on_cores)
    monkeypatch.setattr(kernel, "LARGE", np.inf)
    assert_equal_bits(training.train(*settings), compiled)
    monkeypatch.setattr(kernel, "LARGE", 2.0**40)
    divided = training.train(*settings)
    assert (divided.weights != compiled.weights).any() and divided.stopped == compiled.stopped
    for mine, theirs in zip((*divided.errors, *divided.recorded), (*compiled.errors, *compiled.recorded), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def test_recorded_errors_are_those_of_one_training_beyond_the_range_too():
    data, points, start = prepared("cls", "conv", 4, 3, 8)
    settings = data, "conv", "xhinge", K, start, points, 1.0
    recorded = training.train(*settings, 3000, [500, 1001, 2000])
    whole = training.train(*settings, 3000)
    assert_equal_bits(replace(recorded, recorded=whole.recorded), whole)
    for at, steps in enumerate((500, 1001, 2000)):
        for mine, theirs in zip(recorded.recorded, training.train(*settings, steps).errors, strict=True):
            assert mine[at].tobytes() == theirs.tobytes()


def test_xhinge_goes_on_if_one_output_overflows():
    """Two weights start at 1e200. One of them never moves, and does not make the others smaller."""
    data, points, start = prepared("cls", "conv", 4, 1, 20)
    (unpulled,) = [np.setdiff1d(np.arange(20), [place - j for place in points[0] % 20 for j in range(K)])[:1]]
    start[0, [0, 2 * K - 1 + unpulled[0]]] = 1e200
    compare_with_unlimited_exponents(data, "conv", K, start, points, 0.1, 50)
    start[0, 0] = 0.1
    down = compare_with_unlimited_exponents(data, "conv", K, start, points, 0.1, 400)
    assert not down.any()
