"""Orthogonal patterns: is o_1 in the input (+1) or o_2 (-1), among spurious ones?"""

import numpy as np

from convbias.patterns.digits import Digits
from convbias.patterns.tasks import Patterns

IMAGES = False


def make(d: int, stream: np.random.Generator, images: Digits | None = None) -> Patterns:
    """The l = d rows of a uniformly (Haar) drawn orthogonal matrix: o_1 positive, o_2 negative, the others spurious.

    Ref: brutzkus2021, Section 7 (orthogonal patterns)

    Raises:
        ValueError: d is less than 3, and so there is no spurious pattern.
    """
    if d < 3:
        raise ValueError(f"orthogonal: d must be at least 3, not {d}")
    q, r = np.linalg.qr(stream.standard_normal((d, d)))
    vectors = (q * np.sign(np.diag(r))).T  # with these signs q does not depend on the library, and is uniform
    assert np.abs(vectors @ vectors.T - np.eye(d)).max() < 1e-12
    everywhere = np.ones(d, dtype=bool)
    return Patterns(vectors, 1, np.array([1, -1] + [0] * (d - 2)), everywhere, everywhere)
