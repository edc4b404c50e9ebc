"""The tangent kernel of ConvPool at its initial weights, and gradient descent with a kernel.

With orthonormal patterns, the responses of a Gaussian filter w to them are independent standard normal numbers g_j.
The kernel of two inputs therefore depends only on their sets of patterns P and P': on the sizes of both, and on c, the
number of patterns in common.

Ref: brutzkus2021, Equation 1 (its gradient: Equation 15)
"""

from functools import cache

import numpy as np
from jaxtyping import Float, Int
from scipy.integrate import cumulative_simpson, simpson
from scipy.special import expit, ndtr

GRID = np.linspace(0, 10, 4001)  # responses; Pr(g > 10) is below 1e-23
STEP_LIMIT = 10**6


def expected_max(count: int) -> Float[np.ndarray, " response"]:
    """E max(t, g_1, ..., g_count) for each t in ``GRID``: t plus the integral of 1 - Phi(s)^count over s > t.

    Ref: brutzkus2021, Equation 1
    """
    above = cumulative_simpson(1 - ndtr(GRID) ** count, x=GRID, initial=0)
    return GRID + above[-1] - above


@cache
def feature_kernel(size: int, other: int, common: int) -> float:
    """E[max_P (g)_+ max_P' (g)_+], the kernel of the second layer, for sets of these sizes.

    Let M be the largest positive response to a common pattern, or 0. Given M, the two maxima are independent, and each
    has mean E max(M, the responses to its own patterns). The law of M is Phi(t)^c, with an atom 2^-c at 0. Integration
    by parts, with e the product of the two means, gives

        e(0) + integral over t > 0 of e'(t) (1 - Phi(t)^c),    where    (E max(t, g_1, ..., g_q))' = Phi(t)^q

    Ref: brutzkus2021, Equation 1

    Errors: below 1e-10.
    """
    own, others = size - common, other - common
    one, two = expected_max(own), expected_max(others)
    slope = ndtr(GRID) ** own * two + ndtr(GRID) ** others * one
    return float(one[0] * two[0] + simpson(slope * (1 - ndtr(GRID) ** common), x=GRID))


def filter_kernel(size: int, other: int, common: int) -> float:
    """E[<p(x), p(x')>], the kernel of the filters: (c / u) (1 - 2^-u), with u the size of the union of both sets.

    p(x) is the pattern with the largest response, or 0 if no response is positive. Patterns are orthonormal, so the
    product is 1 if p(x) = p(x'), and otherwise 0. Both are the same pattern if and only if the largest of all u
    responses belongs to a common pattern. This has probability c / u, and is independent of the sign of that response.

    Ref: brutzkus2021, Equation 15
    """
    union = size + other - common
    return common / union * (1 - 0.5**union)


def kernels(
    drawn: Int[np.ndarray, "sample place"], others: Int[np.ndarray, "other place"], l: int
) -> tuple[Float[np.ndarray, "sample other"], Float[np.ndarray, "sample other"]]:
    """``feature_kernel`` and ``filter_kernel`` of all pairs of inputs, from the indices of their patterns, out of l.

    Ref: brutzkus2021, Equation 1; Equation 15
    """
    one, two = (np.eye(l, dtype=int)[indices].max(1) for indices in (drawn, others))
    triples = np.stack(np.broadcast_arrays(one.sum(1)[:, None], two.sum(1)[None], one @ two.T), axis=2)
    distinct, place = np.unique(triples.reshape(-1, 3), axis=0, return_inverse=True)
    found = np.array([(feature_kernel(*triple), filter_kernel(*triple)) for triple in distinct.tolist()])
    features, filters = found[place.ravel()].T.reshape(2, *triples.shape[:2])
    return features, filters


def tangent_kernel(
    features: Float[np.ndarray, "sample other"],
    filters: Float[np.ndarray, "sample other"],
    d: int,
    init_scale: float,
) -> Float[np.ndarray, "sample other"]:
    """The expected tangent kernel at the initial weights of the project, (b^2 / 3) (A / d + D), at any width.

    A is the kernel of the features h_i and D that of the filters. The entries of w and a are uniform within b / sqrt(d)
    and b / sqrt(k). So E ||w||^2 = b^2 / 3 and E a^2 = b^2 / (3 k). Gradient descent has a rate for W, and this rate
    over k for a. The kernel in units of the first is therefore the mean over i of

        E[h_i(x) h_i(x')] + k E[a_i^2] E[<p_i(x), p_i(x')>]

    It is exact although w is not Gaussian, in the mean over the random patterns. Their responses to a filter are a
    uniform direction times ||w||. D depends on the direction only, and A is proportional to E ||w||^2.

    Ref: brutzkus2021, Equation 1; Equation 15
    """
    return init_scale**2 / 3 * (features / d + filters)


def kernel_outputs(
    kernel: Float[np.ndarray, "sample sample"],
    cross: Float[np.ndarray, "test sample"],
    y: Float[np.ndarray, " sample"],
    target_loss: float,
    start: Float[np.ndarray, " sample"],
    start_test: Float[np.ndarray, " test"],
) -> Float[np.ndarray, " test"]:
    """f on the test inputs after gradient flow with a fixed kernel, until the logistic loss has its target.

    ``start`` and ``start_test`` are the initial outputs. The flow stops as training does: if the mean loss is below the
    target and no training sample is misclassified. With f = start + K (y c), it is

        dc_i/dt = sigma(-y_i f(x_i))

    A step of Euler's method is 1 / (lambda max_i sigma(-y_i f(x_i))), with lambda the largest eigenvalue of K. As sigma
    is larger than its derivative, this is less than half of the largest stable step.

    Ref: brutzkus2021, Equation 2 (the loss)

    Raises:
        ValueError: the flow does not reach the target.
    """
    signed, largest = kernel * np.outer(y, y), float(np.linalg.eigvalsh(kernel)[-1])
    c = np.zeros(len(y))
    for _ in range(STEP_LIMIT):
        margin = y * start + signed @ c
        if np.logaddexp(0, -margin).mean() < target_loss and margin.min() > 0:
            return start_test + cross @ (y * c)
        pull = expit(-margin)
        c += pull / (largest * pull.max())
    raise ValueError(f"the flow has a loss of {np.logaddexp(0, -margin).mean():g} after {STEP_LIMIT} steps")


def gradient_features(
    x: Float[np.ndarray, "sample place d"], w: Float[np.ndarray, "k d"]
) -> tuple[Float[np.ndarray, "sample k"], Float[np.ndarray, "sample k*d"]]:
    """The features h_i(x) = max_j (w_i . x[j])_+ and the patterns p_i(x) that have them, or 0.

    Their mean products over random filters are the two kernels, for any patterns, such as those with noise.

    Ref: brutzkus2021, Equation 3; Equation 15
    """
    responses = x @ w.T
    winner = responses.argmax(1)
    top = np.take_along_axis(responses, winner[:, None], 1)[:, 0]
    patterns = x[np.arange(len(x))[:, None], winner] * (top > 0)[:, :, None]
    return np.maximum(top, 0), patterns.reshape(len(x), -1)
