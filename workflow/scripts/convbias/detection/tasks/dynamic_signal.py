"""Dynamic Signal Distribution: one patch, anywhere in the input, carries w (+1) or -w (-1); the others are empty.

All patches have noise of law ``normal``, with level sigma.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024), the DSD task: n_patterns is their k
"""

import numpy as np

from convbias.detection.digits import Digits
from convbias.detection.tasks import Patterns

USES_IMAGES = False


def make(d: int, l: int, stream: np.random.Generator, images: Digits | None = None) -> Patterns:
    """The signal w is positive and uniform on the unit sphere, -w is negative, and 0 is spurious.

    Raises:
        ValueError: l is not 3, the number of patterns.
    """
    if l != 3:
        raise ValueError(f"dynamic_signal: l must be 3 (w, -w and 0), not {l}")
    w = stream.standard_normal(d)
    w /= np.linalg.norm(w)
    everywhere = np.ones(3, dtype=bool)
    return Patterns(np.stack([w, -w, np.zeros(d)]), 1, np.array([1, -1, 0]), everywhere, everywhere)
