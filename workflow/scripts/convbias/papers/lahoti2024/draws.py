"""The random numbers of one network: its training set and its initial weights."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from convbias.draws import stream

INITIAL = 0.01  # the expected length of an initial filter


class Drawn(NamedTuple):
    """A training set of the DSD task with w* = e_1, and initial filters, one for each place."""

    x: Float[np.ndarray, "place sample d"]
    y: Float[np.ndarray, " sample"]
    W: Float[np.ndarray, "place d"]


def draw(n_patterns: int, d: int, noise: int | float, n_train: int, seed: int, root_seed: int) -> Drawn:
    """Draw one network in single precision. Networks that differ only in ``noise`` have the same random numbers."""
    rng = stream(root_seed, "lahoti2024", f"{n_patterns} patches of length {d}", n_train, seed)
    y, places = rng.choice([-1.0, 1.0], n_train), rng.integers(n_patterns, size=n_train)
    x = noise * rng.standard_normal((n_patterns, n_train, d), dtype=np.float32)
    x[places, np.arange(n_train), 0] += y
    W = INITIAL / d**0.5 * rng.standard_normal((n_patterns, d), dtype=np.float32)
    return Drawn(x.astype(np.float32), y.astype(np.float32), W.astype(np.float32))
