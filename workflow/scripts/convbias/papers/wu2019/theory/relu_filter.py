"""Model-Conv-k with a ReLU after the convolution, on Task-Cls: f(x) = sum_i w2_i relu(sum_j w1_j x_{i+j-1}).

At the inputs e_l it is P * w2, and at -e_l it is N * w2, where P = relu(w1) and N = relu(-w1), and * is the causal
convolution on 1 ... d. Suppose that P * w2 > 0 and N * w2 < 0 everywhere. Neither P nor N is 0, so N * (P * w2) is
positive at the last position, and P * (N * w2) is negative there. But these are equal. So no weights classify all
points. A sum of two filters can do it: one with positive entries, and one with negative entries.

Ref: wu2019, Section 6 (the paper's models have no non-linearity)
"""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog


def responses(w1: Float[np.ndarray, " k"], d: int) -> Float[np.ndarray, "point d"]:
    """The features relu(sum_j w1_j x_{i+j-1}) of e_1 ... e_d, and then of -e_1 ... -e_d.

    Ref: wu2019, Section 6
    """
    blocks = []
    for part in (np.maximum(w1, 0), np.maximum(-w1, 0)):
        blocks.append(sum(value * np.eye(d, k=-j) for j, value in enumerate(part)))
    return np.concatenate(blocks)


def separable(features: Float[np.ndarray, "point feature"], y: Float[np.ndarray, " point"]) -> bool:
    """Whether a linear layer classifies all points with margin 1, by a linear program.

    Ref: wu2019, Section 6
    """
    count = features.shape[1]
    found = linprog(np.zeros(count), A_ub=-y[:, None] * features, b_ub=-np.ones(len(y)), bounds=(None, None))
    return found.status == 0
