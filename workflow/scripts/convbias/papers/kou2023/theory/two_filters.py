"""The exact clean error of a network with one filter per logit, by one-dimensional Gaussian integrals.

On new noise, the responses (u, v) of its two filters are jointly normal. With the output of the signal patch, s(y), the
error is the mean over y of P(y (relu(u) - relu(v) + s(y)) < 0). For c >= 0,

    P(relu(u) - relu(v) <= c) = E_v P(u <= c + relu(v) | v),

because c + relu(v) is not negative. Exchanging u and v gives the case c < 0.

Ref: kou2023, Section 3 (the population error)
"""

import numpy as np
from jaxtyping import Float
from scipy.integrate import quad
from scipy.stats import norm


def clean_error(
    signal: Float[np.ndarray, "2"], bias: Float[np.ndarray, "2"], spread: Float[np.ndarray, "2 2"]
) -> float:
    """The probability that the sign of f(x) is not y. ``signal`` is s(1) and s(-1), ``spread`` the covariance."""
    low, high = (probability_below(-s, bias, spread) for s in signal)
    return (low + 1 - high) / 2


def probability_below(c: float, mean: Float[np.ndarray, "2"], spread: Float[np.ndarray, "2 2"]) -> float:
    """P(relu(u) - relu(v) <= c) for normal (u, v) with that mean and covariance."""
    if c < 0:
        return 1 - probability_below(-c, mean[::-1], spread[::-1, ::-1])
    deviation = np.sqrt(spread[1, 1])
    slope = spread[0, 1] / spread[1, 1]
    left = np.sqrt(spread[0, 0] - slope * spread[0, 1])

    def given(z: float) -> float:
        v = mean[1] + deviation * z
        return float(norm.pdf(z) * norm.cdf((c + max(v, 0) - mean[0] - slope * deviation * z) / left))

    kink = float(np.clip(-mean[1] / deviation, -9, 9))
    return sum(quad(given, *ends, epsabs=1e-11)[0] for ends in ((-9, kink), (kink, 9)))
