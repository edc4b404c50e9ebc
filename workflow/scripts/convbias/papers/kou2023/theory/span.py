"""Gradient descent in the span of the data: the cost of a step does not depend on d.

An input has two patches, y mu e_1 and a noise xi ~ N(0, I_d). The network is

    f(x) = weight * sum_r a_r [relu(w_r.(y mu e_1) + b_r) + relu(w_r.xi + b_r)],    a_r = +1 or -1.

It has 2 m filters. The logit of class 1 sums the m filters with a_r = +1, the other logit those with a_r = -1. Cross
entropy of the two logits is log(1 + exp(-label f(x))).

The gradient of w_r is a combination of e_1 and of the n noise patches of the training set. So w_r stays equal to its
initial value plus sum_p C_rp p over these 1 + n vectors p. A step needs only C, the inner products of the initial
weights with these vectors (``start``), and their Gram matrix.

Ref: kou2023, Section 3 (the network and gradient descent)
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Trained(NamedTuple):
    """Networks after training; ``run`` counts signal strengths.

    ``coefficients`` is C, ``bias`` is b, ``along`` is w_r.e_1, and ``loss`` is the mean training loss.
    """

    coefficients: Float[np.ndarray, "run filter vector"]
    bias: Float[np.ndarray, "run filter"]
    along: Float[np.ndarray, "run filter"]
    loss: Float[np.ndarray, " run"]


def signs(filters: int) -> Float[np.ndarray, " filter"]:
    """a_r: the first half of the filters adds to f, the other half subtracts."""
    return np.repeat([1.0, -1.0], filters // 2)


def train(
    gram: Float[np.ndarray, "vector vector"],
    start: Float[np.ndarray, "filter vector"],
    bias: Float[np.ndarray, " filter"],
    y: Float[np.ndarray, " sample"],
    labels: Float[np.ndarray, " sample"],
    mu: Float[np.ndarray, " run"],
    weight: int | float,
    learning_rate: int | float,
    steps: int,
) -> Trained:
    """Full-batch gradient descent on the mean cross entropy, for each signal strength ``mu``.

    ``gram`` and ``start`` are inner products with e_1 (first) and with the noise of each sample. ``y`` is the sign of
    the signal. ``labels`` are those of the training set, some of them flipped.
    """
    a, n = signs(len(start)), len(y)
    C = np.zeros((len(mu), *start.shape))
    H, b = np.broadcast_to(start, C.shape), np.tile(bias, (len(mu), 1))
    strength = mu[:, None] * y  # of the signal patch of each sample
    for step in range(steps + 1):
        signal = H[:, :, :1] * strength[:, None] + b[:, :, None]
        noise = H[:, :, 1:] + b[:, :, None]
        f = weight * (a @ (np.maximum(signal, 0) + np.maximum(noise, 0)))
        if step == steps:
            break
        pull = labels / (n * (1 + np.exp(np.minimum(labels * f, 700))))  # minus the derivative of the loss by f(x_i)
        move = (learning_rate * weight * a[:, None]) * pull[:, None]  # of b_r by a patch at which the filter is active
        from_signal, from_noise = move * (signal > 0), move * (noise > 0)
        C[:, :, 0] += (from_signal @ strength[:, :, None])[:, :, 0]
        C[:, :, 1:] += from_noise
        b += (from_signal + from_noise).sum(2)
        H = start + (C.reshape(-1, n + 1) @ gram).reshape(C.shape)
    return Trained(C, b, H[:, :, 0], np.logaddexp(0, -labels * f).mean(1))


def covariance(
    C: Float[np.ndarray, "run filter vector"],
    gram: Float[np.ndarray, "vector vector"],
    start: Float[np.ndarray, "filter vector"],
    initial: Float[np.ndarray, "filter filter"],
) -> Float[np.ndarray, "run filter filter"]:
    """W W': the covariance of the responses w_r.xi to new noise. ``initial`` is that of the initial weights."""
    cross = C @ start.T
    return initial + cross + cross.transpose(0, 2, 1) + C @ gram @ C.transpose(0, 2, 1)


def signal_output(
    along: Float[np.ndarray, "run filter"], bias: Float[np.ndarray, "run filter"], mu: Float[np.ndarray, " run"]
) -> Float[np.ndarray, "run 2"]:
    """The part of f(x) / weight from the signal patch, for y = 1 and y = -1."""
    responses = [np.maximum(y * mu[:, None] * along + bias, 0) @ signs(along.shape[1]) for y in (1, -1)]
    return np.stack(responses, axis=1)


def clean_errors(
    trained: Trained,
    spread: Float[np.ndarray, "run filter filter"],
    mu: Float[np.ndarray, " run"],
    normal: Float[np.ndarray, "test filter"],
) -> Float[np.ndarray, "run test"]:
    """The probability, over y, that the sign of f(x) is not y, given new noise: 0, 1/2 or 1 for each test input.

    The responses to new noise are normal with covariance ``spread``, so ``normal`` is standard normal of the size of
    the network. A test input has the same law as in R^d.
    """
    values, vectors = np.linalg.eigh(spread)
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None]
    responses = normal @ root.transpose(0, 2, 1) + trained.bias[:, None]
    noise = np.maximum(responses, 0) @ signs(normal.shape[1])
    signal = signal_output(trained.along, trained.bias, mu)
    return ((noise + signal[:, :1] <= 0) + (noise + signal[:, 1:] > 0).astype(float)) / 2
