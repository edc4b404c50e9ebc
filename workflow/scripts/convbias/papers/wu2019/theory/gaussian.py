"""The probability that a quadratic form of Gaussian variables is negative."""

import numpy as np
from jaxtyping import Float

# The sum is over these s, with u = exp(s). The integrand falls like exp(s) to the left and at least like exp(-s/2) to
# the right. It is analytic for |Im s| < pi/2, so the error of the trapezoidal rule falls like exp(-pi^2 / STEP). The
# error is larger if more eigenvalues are equal, because their singularities at u = i / l coincide.
STEP = 0.1
NODES = np.arange(-38, 75, STEP)


def negative_probability(eigenvalues: Float[np.ndarray, "form m"]) -> Float[np.ndarray, " form"]:
    """Pr(z'Fz < 0) for z ~ N(0, I_m), from the eigenvalues of the symmetric matrix F, by Imhof's integral.

        1/2 - 1/pi integral over u > 0 of sin(sum_i atan(l_i u) / 2) / (u prod_i (1 + l_i^2 u^2)^(1/4)) du

    Forms without a negative eigenvalue are never negative; the form 0 is one of them. Forms with a negative but no
    positive eigenvalue always are.

    Ref: wu2019, Theorem 2 (the average over Gaussian w1_0 where the top singular value is degenerate)

    Errors: below 1e-12 for up to 100 eigenvalues.
    """
    scale = abs(eigenvalues).max(1, initial=0)
    probability = np.where(eigenvalues.max(1) <= 0, 1.0, 0.0) * (scale > 0)
    (open_,) = np.nonzero((eigenvalues.min(1) < 0) & (eigenvalues.max(1) > 0))
    for form in open_:
        scaled = eigenvalues[form] / scale[form] * np.exp(NODES)[:, None]
        angle = np.arctan(scaled).sum(1) / 2
        damping = np.log1p(scaled**2).sum(1) / 4
        probability[form] = 0.5 - STEP / np.pi * (np.sin(angle) * np.exp(-damping)).sum()
    return probability
