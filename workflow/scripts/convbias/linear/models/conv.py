"""Model-Conv-k: one convolution layer with one filter, then a linear layer, no non-linearity between them.

f(x) = sum_i w2_i sum_j w1_j x_{i+j-1}, with zero for terms whose index is out of range.

Ref: wu2019, Section 2.1, Model-Conv-k
"""

import numpy as np

from convbias.linear.models import Layer, Layers, Loops

DEGREE = 2


def layers(d: int, k: int) -> tuple[Layer, ...]:
    """The filter w1, and w2 behind k - 1 zeros."""
    if not 1 <= k <= d:
        raise ValueError(f"conv: k must be from 1 to d = {d}, not {k}")
    return Layer("w1", k), Layer("w2", d, zeros=k - 1)


def make(k: int) -> Loops:
    """The loops of the convolutional classifier with filter size k.

    Indices count from 0 here. The entry i of w2 is ``w2[i + border]``.
    """
    border = k - 1

    def split(weights: np.ndarray, d: int) -> Layers:
        """w1, and w2 with its zeros."""
        return weights[:k], weights[k:]

    def effective(layers: Layers, w: np.ndarray) -> None:
        """w_l = sum_j w1_j w2_{l-j}."""
        w1, w2 = layers
        for l in range(len(w)):
            total = w1[0] * w2[l + border]
            for j in range(1, k):
                total += w1[j] * w2[l + border - j]
            w[l] = total

    def step(layers: Layers, pull: np.ndarray, where: np.ndarray, count: int, rate: float, spare: np.ndarray) -> None:
        """w1 += rate M'w2 and w2 += rate M w1 simultaneously, where M_ij = pull_{i+j}.

        M is n_tr times M_tr of Section 3.2, if all samples have slope 1.
        """
        w1, w2 = layers
        for j in range(k):
            spare[j] = 0.0
        for q in range(count):
            p = where[q]
            pulled = pull[p]
            for j in range(k):
                spare[j] += w2[p + border - j] * pulled
        for i in range(len(w2) - border):
            total = w2[i + border]
            for j in range(k):
                total += rate * w1[j] * pull[i + j]
            w2[i + border] = total
        for j in range(k):
            w1[j] += rate * spare[j]

    return Loops(split, effective, step)
