"""How often the first half of a training set has enough samples of both classes."""

import numpy as np
from scipy.stats import binom


def balance_probability(m: int) -> float:
    """Pr(at least a third of S_1 is positive, and at least a third is negative), exactly; S_1 has ceil(m/2) samples.

    The paper prints |S_1+| / m_1 >= m_1 / 3, which no set with m_1 > 3 satisfies. Its proof uses 1/3.

    Ref: brutzkus2021, Equation 14
    """
    half = (m + 1) // 2
    least = -(-half // 3)
    return float(np.maximum(0, binom.cdf(half - least, half, 0.5) - binom.cdf(least - 1, half, 0.5)))


def balance_promised(m: int) -> float:
    """The paper's lower bound on that probability, 1 - 4 e^(-m/36); it is negative below m = 50.

    Ref: brutzkus2021, Equation 14
    """
    return float(1 - 4 * np.exp(-m / 36))
