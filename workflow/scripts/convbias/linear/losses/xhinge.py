"""The extreme hinge loss (X-hinge), l = -y f(x): the hinge loss without its stopping point.

Ref: wu2019, Section 3.1
"""

import numpy as np

SLOPE = "constant"


def value(margin: np.ndarray) -> np.ndarray:
    """Minus the margin."""
    return -margin


def slope(margin: float) -> float:
    """1 at every margin."""
    return 1.0
