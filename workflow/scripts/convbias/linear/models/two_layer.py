"""The fully connected two-layer linear classifier: f(x) = w2' W1 x with W1 in R^(d x d).

Ref: wu2019, Section 1 (the fully connected two-layer linear classifier)
"""

import numpy as np

from convbias.linear.models import Layer, Layers, Loops

DEGREE = 2


def layers(d: int, k: int) -> tuple[Layer, ...]:
    """The rows of W1, one after the other, and w2. There is no filter, and k is ignored."""
    return Layer("W1", d * d, rows=d), Layer("w2", d)


def make(k: int) -> Loops:
    """The loops of the fully connected classifier."""

    def split(weights: np.ndarray, d: int) -> Layers:
        """W1 and w2."""
        return weights[: d * d], weights[d * d :]

    def effective(layers: Layers, w: np.ndarray) -> None:
        """w = W1'w2."""
        W1, w2 = layers
        d = len(w)
        for l in range(d):
            w[l] = 0.0
        for h in range(d):
            row = W1[h * d : h * d + d]
            for l in range(d):
                w[l] += w2[h] * row[l]

    def step(layers: Layers, pull: np.ndarray, where: np.ndarray, count: int, rate: float, spare: np.ndarray) -> None:
        """W1 += rate w2 pull' and w2 += rate W1 pull simultaneously."""
        W1, w2 = layers
        d = len(w2)
        for h in range(d):
            row = W1[h * d : h * d + d]
            change = 0.0
            for q in range(count):
                p = where[q]
                change += row[p] * pull[p]
                row[p] += rate * w2[h] * pull[p]
            w2[h] += rate * change

    return Loops(split, effective, step)
