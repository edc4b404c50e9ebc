"""Orthogonal patterns: is o_1 in the input (+1) or o_2 (-1), among spurious ones?"""

import numpy as np

from convbias.detection.digits import Digits
from convbias.detection.tasks import Patterns

USES_IMAGES = False


def make(d: int, l: int, stream: np.random.Generator, images: Digits | None = None) -> Patterns:
    """The first l rows of a uniform (Haar) random orthogonal matrix: o_1 positive, o_2 negative, the others spurious.

    Ref: brutzkus2021, Section 3 (the set O); Section 7 (its law)

    Raises:
        ValueError: l is not from 3 to d; a spurious pattern needs an l of at least 3.
    """
    if not 3 <= l <= d:
        raise ValueError(f"orthogonal: l must be from 3 to d = {d}, not {l}")
    q, r = np.linalg.qr(stream.standard_normal((d, d)))
    vectors = (q * np.sign(np.diag(r))).T[:l]  # with these signs, q is uniform and does not depend on the library
    assert np.abs(vectors @ vectors.T - np.eye(l)).max() < 1e-12
    everywhere = np.ones(l, dtype=bool)
    return Patterns(vectors, 1, np.array([1, -1] + [0] * (l - 2)), everywhere, everywhere)
