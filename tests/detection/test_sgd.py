"""Stochastic gradient descent on the network of Equation 8, against its definition."""

from dataclasses import replace

import numpy as np
import pytest

from convbias import draws
from convbias.detection.training import sgd
from small_detection import SETTINGS, make_data, make_model, train, with_contradiction

SGD = replace(SETTINGS, model="leaky_fc", training="sgd", learning_rate=0.2, init_scale=0.3)


def plain(x, y, W, a, alpha, rate, limit):
    """The algorithm as in a textbook."""
    updates = 0
    for _ in range(limit):
        before = updates
        for sample, label in zip(x, y, strict=True):
            responses = W @ sample
            slopes = np.where(responses > 0, 1, alpha)
            if label * (a * slopes * responses).sum() < 1:
                W = W + rate * label * np.outer(a * slopes, sample)
                updates += 1
        if updates == before:
            break
    return updates, W


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_the_compiled_loop_is_the_textbook(limit, rng):
    x, W, a = rng.normal(size=(9, 5)), rng.normal(size=(4, 5)), rng.normal(size=4)
    y = rng.choice([-1.0, 1.0], 9)
    updates, expected = plain(x, y, W, a, 0.1, 0.2, limit)
    assert sgd.descend()(x, y, W, a, 0.1, 0.2, limit) == updates > 0
    np.testing.assert_allclose(W, expected, rtol=1e-10)


def test_training_ends_with_a_margin_of_1_on_every_sample():
    data, outcome, net = make_data(SGD, [0, 1]), train(SGD, [0, 1]), make_model(SGD)
    assert outcome.stopped == ["zero_loss"] * 2 and outcome.train_loss == outcome.train_error == [0, 0]
    shape = {"leaky_fc W": (net.hidden, net.fan_in)}
    starts = draws.uniform_weights(SGD.root_seed, shape, SGD.task, SGD.n_train, [0, 1])[0]
    for run in (0, 1):
        x, x_test = (array[run].reshape(array.shape[1], -1) for array in (data.x, data.x_test))
        start = starts[run] * 0.3 / net.fan_in**0.5
        updates, W = plain(x, data.y[run], start, net.a, net.alpha, 0.2, SGD.step_limit)
        assert outcome.steps[run] == updates and (data.y[run] * net.outputs(x, W)).min() >= 1 - 1e-12
        assert outcome.test_error[run] == ((net.outputs(x_test, W) > 0) != (data.y_test[run] > 0)).mean()


def test_a_limit_and_weights_that_are_not_finite_are_reported():
    data = with_contradiction(make_data(SGD, [0]))
    limited = train(replace(SGD, step_limit=4), [0], data)
    assert limited.stopped == ["step_limit"] and limited.train_loss[0] > 0 and limited.steps[0] <= 4 * SGD.n_train
    data.x[0, 3] = np.inf
    lost = train(SGD, [0], data)
    assert lost.stopped == ["diverged"] and np.isnan([lost.train_loss, lost.train_error, lost.test_error]).all()
