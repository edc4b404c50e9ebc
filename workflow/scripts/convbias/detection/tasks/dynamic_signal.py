"""Dynamic Signal Distribution: one patch, anywhere in the input, carries w (+1) or -w (-1); the others are empty.

With noise on all patches, of law ``normal``, whose level is sigma.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024), the DSD task: n_patterns is their k
"""

import numpy as np

from convbias.detection.digits import Digits
from convbias.detection.tasks import Patterns

USES_IMAGES = False


def make(d: int, l: int, stream: np.random.Generator, images: Digits | None = None) -> Patterns:
    """The signal w, uniform on the unit sphere, as positive pattern, -w as negative one and 0 as spurious one.

    Raises:
        ValueError: l is not 3, the number of these.
    """
    if l != 3:
        raise ValueError(f"dynamic_signal: l must be 3 (w, -w and nothing), not {l}")
    w = stream.standard_normal(d)
    w /= np.linalg.norm(w)
    everywhere = np.ones(3, dtype=bool)
    return Patterns(np.stack([w, -w, np.zeros(d)]), 1, np.array([1, -1, 0]), everywhere, everywhere)
