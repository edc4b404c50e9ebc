from itertools import product

import numpy as np
import pytest

from convbias.theory.one_layer import one_layer_error
from convbias.theory.xhinge import xhinge_weights


@pytest.mark.parametrize(("d", "n_train"), [(2, 1), (3, 2), (4, 3), (3, 5)])
def test_one_layer_error_counts_the_unseen_positions_of_all_draws(d, n_train):
    draws = list(product(range(d), repeat=n_train))
    unseen = sum(d - len(set(draw)) for draw in draws) / len(draws) / d
    assert one_layer_error(d, n_train) == pytest.approx(unseen / 2, rel=1e-12)


@pytest.mark.parametrize("shape", [(6, 3), (4, 4), (5, 1)])
@pytest.mark.parametrize("steps", [0, 1, 50])
def test_xhinge_weights_are_those_of_gradient_descent(shape, steps, rng):
    matrix, w1, w2 = rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=shape[0])
    x, z = w1, w2
    for _ in range(steps):
        x, z = x + 0.05 * matrix.T @ z, z + 0.05 * matrix @ x
    for found, expected in zip(xhinge_weights(matrix, w1, w2, 0.05, steps), (x, z), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * abs(expected).max())


def test_a_split_run_is_the_whole_run(rng):
    matrix, w1, w2 = rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=6)
    half = xhinge_weights(matrix, w1, w2, 0.1, 20)
    for found, expected in zip(
        xhinge_weights(matrix, *half, 0.1, 30), xhinge_weights(matrix, w1, w2, 0.1, 50), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-10)
