"""Compare gradient descent on the X-hinge loss with its closed form, its limit and its predicted rate.

Ref: wu2019, Lemma 1
"""

from math import ceil

import numpy as np
from jaxtyping import Float

from convbias.checks import columns
from convbias.linear.losses import xhinge
from convbias.linear.models import conv, draw_weights
from convbias.linear.tasks import draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs, xhinge_weights

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "steps": ["count"],
    "learning_rate": "positive",
    "init_scale": "positive",
}

# Relative tolerances. The limit is compared after up to 1e7 steps, and each step can add a rounding error.
TOLERANCE = {"closed_form": 1e-9, "limit": 1e-6, "rate": 0.05}
# The rate is measured while the distance to the limit falls from e^-300 to e^-600 of its start, at each case's own
# rate. Suppose that all terms except the slowest are together r times as large as the slowest one at step 0. They
# change the measured rate by less than log(1 + r^2) / 600 of it, which is 5 % at r = 3e6. Rounding does not change it
# (see ``measured_rate``).
DECAY = 300


def curves(
    tasks: list[str],
    d: int,
    k: int,
    n_train: list[int],
    seeds: int,
    steps: list[int],
    learning_rate: float,
    init_scale: float,
    root_seed: int,
) -> dict[str, list]:
    """For each n, check the first ``seeds`` training sets and initial weights of each task, those of the experiments.

    * ``closed_form``: after each of ``steps``, the trained weights are those of the closed form, up to 1e-9.
    * ``limit``: after many steps, 2 w_t / (1 + a sigma_1)^t is its limit, up to 1e-6.
    * ``rate``: it approaches the limit at the rate that the singular values predict, up to 5 %.

    Each of the three has ``cases``, ``violations`` and the largest ``deviation``.

    Raises:
        ValueError: the learning rate is so large that rounding hides the rate.
    """
    # names of modules that are imported, so that a change of one runs the check again
    model, loss = (module.__name__.rpartition(".")[2] for module in (conv, xhinge))
    rows, zeros = [], slice(k, k + conv.layers(d, k)[1].zeros)
    for size in n_train:
        deviations: dict[str, list[float]] = {statement: [] for statement in TOLERANCE}
        for name in tasks:
            task = make_task(name, d)
            points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
            matrices = [mean_matrix(task, sample, k) for sample in points]
            weights = draw_weights(model, d, k, root_seed, name, size, list(range(seeds)), init_scale)
            starts, taken = np.delete(weights, zeros, axis=1), 0
            for step in sorted(steps):
                weights = train(task, model, loss, k, weights, points, learning_rate, step - taken).weights
                taken = step
                layers = np.delete(weights, zeros, axis=1)
                for matrix, start, reached in zip(matrices, starts, layers, strict=True):
                    exact = np.concatenate(xhinge_weights(matrix, start[:k], start[k:], learning_rate, step))
                    deviations["closed_form"].append(float(abs(reached - exact).max() / abs(exact).max()))
            for matrix, start in zip(matrices, starts, strict=True):
                rate = predicted_rate(matrix, learning_rate)
                if rate <= 0:
                    raise ValueError(
                        f"learning_rate = {learning_rate:g} is too large: rounding makes the predicted rate of "
                        "convergence 0. Choose a smaller one."
                    )
                case = matrix, start, learning_rate, ceil(DECAY / rate)
                deviations["limit"].append(limit_deviation(*case))
                deviations["rate"].append(abs(measured_rate(*case) / rate - 1))
        for statement, gaps in deviations.items():
            violations = sum(not deviation <= TOLERANCE[statement] for deviation in gaps)
            for counted, value in {"cases": len(gaps), "violations": violations, "deviation": max(gaps)}.items():
                quantity = f"{statement}_{counted}"
                rows.append({"quantity": quantity, "d": d, "k": k, "n_train": size, "value": value})
    return columns(rows)


def predicted_rate(matrix: Float[np.ndarray, "d k"], learning_rate: float) -> float:
    """-log of the factor by which the distance between the weights and their limit falls per step, asymptotically.

    The limit grows by 1 + a sigma_1 per step. The other terms of the closed form grow by 1 + a sigma_i (i > m), by
    1 - a sigma_i (any i) and, with d > k, by 1 (the part of w2 outside U's span). Weights with a density have all of
    these terms. As sigma_i >= 0, the slowest factor is (1 + a sigma_{m+1}) / (1 + a sigma_1) if m < k.

    Ref: wu2019, Lemma 1 (its rate, derived)
    """
    d, k = matrix.shape
    u, s, _ = top_singular_pairs(matrix)
    factors = np.concatenate([1 + learning_rate * s[u.shape[1] :], 1 - learning_rate * s, np.ones(min(d - k, 1))])
    return float(np.log1p(learning_rate * s[0]) - np.log(abs(factors).max()))


def scaled_step(matrix: Float[np.ndarray, "d k"], learning_rate: float) -> Float[np.ndarray, "weight weight"]:
    """G / g, where a step is w_{t+1} = G w_t for w = (w1, w2) and g = 1 + a sigma_1 is the largest eigenvalue of G.

    Ref: wu2019, Section 3.2
    """
    d, k = matrix.shape
    step = np.eye(k + d)
    step[:k, k:], step[k:, :k] = learning_rate * matrix.T, learning_rate * matrix
    return step / (1 + learning_rate * top_singular_pairs(matrix).s[0])


def limit_deviation(
    matrix: Float[np.ndarray, "d k"], start: Float[np.ndarray, " weight"], learning_rate: float, steps: int
) -> float:
    """The largest difference between 2 w_t / g^t and its limit, relative to the largest entry of the limit.

    Ref: wu2019, Lemma 1
    """
    k = matrix.shape[1]
    reached = 2 * np.linalg.matrix_power(scaled_step(matrix, learning_rate), steps) @ start
    limit = np.concatenate(limit_weights(matrix, start[:k], start[k:]))
    return float(abs(reached - limit).max() / abs(limit).max())


def measured_rate(
    matrix: Float[np.ndarray, "d k"], start: Float[np.ndarray, " weight"], learning_rate: float, steps: int
) -> float:
    """-log of the mean factor per step by which that distance falls between ``steps`` and twice as many.

    Let P be the projection on (v, u) of the top m pairs. Then G P = P G = g P. So w_t / g^t is the sum of its limit
    P w_0 and of (G / g - P)^t w_0. The ratio of the two lengths is the tangent of the angle between w_t and the limit.
    Taking out the limit in every step also removes its rounding errors, which would remain when the angle is below
    1e-16.

    Ref: wu2019, Lemma 1
    """
    u, _, v = top_singular_pairs(matrix)
    top = np.concatenate([v, u]) / 2**0.5
    many = np.linalg.matrix_power(scaled_step(matrix, learning_rate) - top @ top.T, steps)
    once = many @ start
    return float(-np.log(np.linalg.norm(many @ (once / np.linalg.norm(once)))) / steps)
