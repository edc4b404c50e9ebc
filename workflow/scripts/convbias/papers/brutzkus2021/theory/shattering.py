"""Points that the convolutional network with max-pooling shatters: 2^(d/2-1) in d dimensions."""

from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

CHUNK = 2**22  # pooled responses in memory at a time


class Shattering(NamedTuple):
    """The cases (labelling x point), those with sign(N(x)) != y, and the largest |N(x) - y|; sign(0) = -1."""

    cases: int
    violations: int
    largest_difference: float


def shattered_points(n: int) -> Int[np.ndarray, "point n"]:
    """The set B as indices of patterns from 0, one point x_I for each I in {0,1}^(n-1), in the order of I as a number.

        x_I[j] = I[j] o_(2j+1) + (1 - I[j]) o_(2j+2)  for 1 <= j <= n-1,    x_I[n] = o_1 or o_2

    The last pattern is arbitrary in the paper. Here it is o_1 and o_2 in turn. The complement of I has the same place,
    counted from the end.

    Ref: brutzkus2021, Theorem 4.2 (the set B)

    Raises:
        ValueError: n is below 2.
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, not {n}")
    choices = np.array(list(product([0, 1], repeat=n - 1)))
    return np.column_stack([2 * np.arange(1, n) + 1 - choices, np.arange(len(choices)) % 2])


def network_output(
    inputs: Float[np.ndarray, "point n d"], filters: Float[np.ndarray, "labelling k d"], a: Float[np.ndarray, " k"]
) -> Float[np.ndarray, "labelling point"]:
    """N(x) = sum_i a_i max_j relu(w_i . x[j]), for networks that share a.

    Ref: brutzkus2021, Equation 1
    """
    flat = filters.reshape(-1, filters.shape[2])
    pooled = np.zeros((len(flat), len(inputs)))
    for place in range(inputs.shape[1]):
        np.maximum(pooled, flat @ inputs[:, place].T, out=pooled)  # starting from 0 includes the ReLU
    return np.asarray(a @ pooled.reshape(len(filters), len(a), len(inputs)))


def shattering_network(
    inputs: Float[np.ndarray, "point n d"], labels: Float[np.ndarray, "labelling point"]
) -> tuple[Float[np.ndarray, "labelling k d"], Float[np.ndarray, " k"]]:
    """The proof's network for each labelling of B: 2^n filters, the w^(I) with a = 1 and the u^(I) with a = -1.

        w^(I) = max(alpha_I, 0) sum_{j<n} x_I[j],  u^(I) = max(-alpha_I, 0) sum_{j<n} x_I[j]

    alpha solves sum_{I' != I} alpha_I' = y_{I^c}. The matrix of this system is all ones minus the identity, of size m =
    2^(n-1). So

        alpha_I = sum_I' y_I' / (m - 1) - y_{I^c}

    Ref: brutzkus2021, Equation 5
    """
    alpha = labels.sum(1, keepdims=True) / (labels.shape[1] - 1) - labels[:, ::-1]
    spurious = inputs[:, :-1].sum(1)
    filters = np.concatenate([np.maximum(alpha, 0), np.maximum(-alpha, 0)], 1)[..., None] * np.tile(spurious, (2, 1))
    return filters, np.repeat([1.0, -1.0], len(inputs))


def every_labelling(n: int) -> Float[np.ndarray, "labelling point"]:
    """All 2^(2^(n-1)) labellings of B.

    Ref: brutzkus2021, Definition 4.1

    Raises:
        ValueError: n is not from 2 to 5; with 6 there are 2^32.
    """
    if not 2 <= n <= 5:
        raise ValueError(f"n must be from 2 to 5, not {n}")
    points = 2 ** (n - 1)
    return 2.0 * (np.arange(2**points)[:, None] >> np.arange(points) & 1) - 1


def random_labellings(n: int, count: int, rng: np.random.Generator) -> Float[np.ndarray, "labelling point"]:
    """Labellings of B drawn uniformly, with replacement.

    Ref: brutzkus2021, Definition 4.1
    """
    return rng.choice([-1.0, 1.0], size=(count, 2 ** (n - 1)))


def shattering(n: int, labellings: Float[np.ndarray, "labelling point"]) -> Shattering:
    """How often the proof's network misses a label of B, with d = 2n patterns e_1 ... e_d.

    The theorem holds if the network never does: it then realises these labellings of B, which has size 2^(n-1) =
    2^(d/2-1).

    Ref: brutzkus2021, Theorem 4.2
    """
    inputs = np.eye(2 * n)[shattered_points(n)]
    violations, largest = 0, 0.0
    chunk = max(1, CHUNK // (2 * len(inputs) ** 2))
    for first in range(0, len(labellings), chunk):
        labels = labellings[first : first + chunk]
        outputs = network_output(inputs, *shattering_network(inputs, labels))
        violations += int(((outputs > 0) != (labels > 0)).sum())
        largest = max(largest, float(abs(outputs - labels).max()))
    return Shattering(labellings.size, violations, largest)
