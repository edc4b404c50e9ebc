"""The random numbers of one network: its training set, its initial weights and its test inputs."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from convbias.draws import stream


class Drawn(NamedTuple):
    """``vectors`` are e_1 and the noise patch of each sample. ``weights`` and ``bias`` are initial.

    ``y`` is the sign of the signal, ``labels`` the training labels. ``normal`` stands for the noise of test inputs:
    see ``theory.span.clean_errors``.
    """

    vectors: Float[np.ndarray, "vector d"]
    weights: Float[np.ndarray, "filter d"]
    bias: Float[np.ndarray, " filter"]
    y: Float[np.ndarray, " sample"]
    labels: Float[np.ndarray, " sample"]
    normal: Float[np.ndarray, "test filter"]

    @property
    def gram(self) -> Float[np.ndarray, "vector vector"]:
        """The inner products of ``vectors``."""
        return self.vectors @ self.vectors.T

    @property
    def start(self) -> Float[np.ndarray, "filter vector"]:
        """The inner products of the initial weights with ``vectors``."""
        return self.weights @ self.vectors.T

    @property
    def initial(self) -> Float[np.ndarray, "filter filter"]:
        """The inner products of the initial weights."""
        return self.weights @ self.weights.T


def draw(
    d: int,
    n_train: int,
    filters: int,
    flip: int | float,
    init_scale: int | float,
    n_test: int,
    seed: int,
    root_seed: int,
) -> Drawn:
    """Draw one network with ``filters`` filters per logit; a test input more or less changes nothing else."""
    rng = stream(root_seed, "kou2023", f"two patches of length {d}", n_train, seed)
    y = rng.choice([-1.0, 1.0], n_train)
    labels = np.where(rng.random(n_train) < flip, -y, y)
    vectors = np.concatenate([np.eye(1, d), rng.normal(size=(n_train, d))])
    bound = init_scale / d**0.5
    weights, bias = (rng.uniform(-bound, bound, shape) for shape in ((2 * filters, d), 2 * filters))
    return Drawn(vectors, weights, bias, y, labels, rng.normal(size=(n_test, 2 * filters)))
