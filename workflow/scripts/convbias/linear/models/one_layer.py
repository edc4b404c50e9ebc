"""Model-1-Layer: f(x) = w'x, a linear classifier without a convolution layer.

Ref: wu2019, Section 2.1, Model-1-Layer
"""

import numpy as np

from convbias.linear.models import Layer, Layers, Loops

DEGREE = 1


def layers(d: int, k: int) -> tuple[Layer, ...]:
    """The weights w. There is no filter, and k is ignored."""
    return (Layer("w", d),)


def make(k: int) -> Loops:
    """The loops of the one-layer classifier."""

    def split(weights: np.ndarray, d: int) -> Layers:
        """All weights."""
        return (weights,)

    def effective(layers: Layers, w: np.ndarray) -> None:
        """The weights themselves."""
        for l in range(len(w)):
            w[l] = layers[0][l]

    def step(layers: Layers, pull: np.ndarray, where: np.ndarray, count: int, rate: float, spare: np.ndarray) -> None:
        """w += rate pull."""
        for q in range(count):
            layers[0][where[q]] += rate * pull[where[q]]

    return Loops(split, effective, step)
