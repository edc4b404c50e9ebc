"""Where the test error passes a level, for the linear part of the network: mu ~ d^(1/4), or mu ~ d^(1/2).

Let all n samples pull equally, as they do in the first step, and let f be linear: f(x) = kappa sum_i l_i (x_i.x) plus
the initial function, where x_i.x sums over the two patches, and l_i is the training label. On a new input, the signal
contributes y kappa mu^2 sum_i l_i y_i, with mean y kappa (1 - 2 p) n mu^2. The noise contributes a normal number with
variance kappa^2 n d, and the initial function one with variance v. So the clean error is

    Phi(-(1 - 2 p) n mu^2 / sqrt(n d + v / kappa^2)).

* Without v, this is a function of n mu^4 / d, as in the paper: a contour is mu ~ d^(1/4).
* The output on a training sample is about kappa d. Training to a fixed loss makes it a constant M, so kappa = M / d and
  v / kappa^2 = v d^2 / M^2. Then the initial function dominates once d > n M^2 / v: a contour is mu ~ d^(1/2).
* Steps of a fixed size make kappa a constant: v / kappa^2 is small against n d, and a contour is mu ~ d^(1/4) again.
* The paper requires initial weights so small that v is negligible.

Ref: kou2023, Abstract (the transition between benign and harmful overfitting)
"""

import numpy as np
from scipy.stats import norm


def linear_error(n: int, mu: int | float, d: int | float, flip: int | float, start: int | float = 0) -> float:
    """The clean error Phi(-(1 - 2 p) n mu^2 / sqrt(n d + start)), with ``start`` = v / kappa^2."""
    return float(norm.cdf(-(1 - 2 * flip) * n * mu**2 / np.sqrt(n * d + start)))


def linear_contour(error: float, n: int, d: int | float, flip: int | float, start: int | float = 0) -> float:
    """The mu at which the test error is ``error``, between ``flip`` and 1/2: the inverse of ``linear_error``.

    A test label is flipped with probability p, so the test error is p + (1 - 2 p) times the clean error.
    """
    quantile = -norm.ppf((error - flip) / (1 - 2 * flip))
    return float(np.sqrt(quantile * np.sqrt(n * d + start) / ((1 - 2 * flip) * n)))
