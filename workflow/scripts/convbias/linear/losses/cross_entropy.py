"""The cross entropy of the label under a sigmoid, l = log(1 + exp(-y f(x))).

Ref: wu2019, Footnote 4
"""

import numpy as np

from convbias.linear.rounding import exp_of_minus, log_of_one_plus

SLOPE = "positive"


def value(margin: np.ndarray) -> np.ndarray:
    """log(1 + e^-m), which is -m + log(1 + e^m)."""
    return np.maximum(-margin, 0.0) + log_of_one_plus(exp_of_minus(abs(margin)))


def slope(margin: float) -> float:
    """The probability of the other label, 1 / (1 + e^m)."""
    small = exp_of_minus(abs(margin))
    return small / (1.0 + small) if margin > 0.0 else 1.0 / (1.0 + small)
