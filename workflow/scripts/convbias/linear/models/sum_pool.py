"""Convolution with one filter, then a sum over all positions: f(x) = sum_i sum_j w1_j x_{i+j-1}.

From position k on, all effective weights are equal. The first k - 1 positions lack some of the filter.

Ref: wu2019, Section 6 (pooling is not part of the paper's models)
"""

import numpy as np

from convbias.linear.models import Layer, Layers, Loops

DEGREE = 1


def layers(d: int, k: int) -> tuple[Layer, ...]:
    """The filter w1."""
    if not 1 <= k <= d:
        raise ValueError(f"sum_pool: k must be from 1 to d = {d}, not {k}")
    return (Layer("w1", k),)


def make(k: int) -> Loops:
    """The loops of the classifier with filter size k. Indices count from 0 here."""

    def split(weights: np.ndarray, d: int) -> Layers:
        """The filter."""
        return (weights,)

    def effective(layers: Layers, w: np.ndarray) -> None:
        """w_l = sum_{j <= l} w1_j."""
        total = 0.0
        for l in range(len(w)):
            if l < k:
                total += layers[0][l]
            w[l] = total

    def step(layers: Layers, pull: np.ndarray, where: np.ndarray, count: int, rate: float, spare: np.ndarray) -> None:
        """w1_j += rate sum_{l >= j} pull_l."""
        for q in range(count):
            p = where[q]
            for j in range(min(k, p + 1)):
                layers[0][j] += rate * pull[p]

    return Loops(split, effective, step)
