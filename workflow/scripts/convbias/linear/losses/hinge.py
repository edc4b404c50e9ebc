"""The hinge loss, l = (1 - y f(x))_+, with a non-zero gradient only if y f(x) < 1.

Ref: wu2019, Section 2.1
"""

import numpy as np

SLOPE = "vanishing"


def value(margin: np.ndarray) -> np.ndarray:
    """(1 - margin)_+."""
    return np.maximum(1.0 - margin, 0.0)


def slope(margin: float) -> float:
    """1 below the margin 1."""
    return 1.0 if margin < 1.0 else 0.0
