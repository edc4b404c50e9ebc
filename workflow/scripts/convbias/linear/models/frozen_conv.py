"""Model-Conv-k with a filter that stays as it is: only the linear layer learns.

f(x) = sum_i w2_i sum_j w1_j x_{i+j-1} is linear in w2. Gradient descent on w2 is that of a linear classifier on the
features A_x w1.

Ref: wu2019, Section 2.1, Model-Conv-k; Section 6 (convolution as prior knowledge)
"""

from dataclasses import replace

import numpy as np

from convbias.linear.models import Layer, Layers, Loops, conv

DEGREE = 2


def layers(d: int, k: int) -> tuple[Layer, ...]:
    """The layers of conv; the filter does not learn."""
    w1, w2 = conv.layers(d, k)
    return replace(w1, learns=False), w2


def make(k: int) -> Loops:
    """The loops of the convolutional classifier, but for the step of the filter."""
    split, effective, _ = conv.make(k)
    border = k - 1

    def step(layers: Layers, pull: np.ndarray, where: np.ndarray, count: int, rate: float, spare: np.ndarray) -> None:
        """w2 += rate M w1, where M_ij = pull_{i+j}."""
        w1, w2 = layers
        for i in range(len(w2) - border):
            total = w2[i + border]
            for j in range(k):
                total += rate * w1[j] * pull[i + j]
            w2[i + border] = total

    return Loops(split, effective, step)
