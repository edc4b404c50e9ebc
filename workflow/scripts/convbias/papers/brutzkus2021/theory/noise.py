"""Up to which noise the pattern detection task is separable: linearly, by pooled filters, and by any classifier."""

from itertools import product

import numpy as np
from jaxtyping import Float
from scipy.special import betainc

from convbias.papers.brutzkus2021.theory.detection_margin import full_support


def separable_noise(n: int) -> float:
    """The noise 1 / (sqrt(2) n) below which all inputs are linearly separable, and from which on they are not.

    Noise of norm up to eps is added to each pattern, in any direction. Take two inputs that differ only at place j: one
    has o_1 there, the other o_2. If w separates both from the boundary for all noise, then

        w[j].(o_1 - o_2) > 2 eps sum_i ||w[i]||,    so    sqrt(2) ||w[j]|| > 2 eps sum_i ||w[i]||

    The sum over the n places gives eps < 1 / (sqrt(2) n). A threshold b cancels in the difference, so it does not help.
    n copies of o_1 - o_2 separate all inputs if eps is smaller.

    Ref: brutzkus2021, Figure 3 (its caption)

    Holds for l >= 3 patterns and a ball of noise that contains the direction of o_1 - o_2.
    """
    return 1 / (2**0.5 * n)


def noisy_support(n: int, l: int, noise: float) -> Float[np.ndarray, "sample dim"]:
    """Rows y x of every input with noise against each sign: noise times s_j (o_1 - o_2) / sqrt(2) at place j.

    There are 2^n times as many rows as in ``full_support``.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    direction = np.zeros(l)
    direction[:2] = 0.5**0.5, -(0.5**0.5)
    away = np.array([np.kron(signs, direction) for signs in product((-1.0, 1.0), repeat=n)])
    clean = full_support(n, l)
    return (clean[:, None] + noise * away).reshape(-1, n * l)


def pooled_noise(l: int) -> float:
    """The noise sqrt(1 + 1/(l-2)) / 2 below which the two filters of ``pooled_filters`` separate all inputs.

    This is half of the distance from o_1 to the mean of the spurious patterns, the closest point of their convex hull.
    Write t = 1/(l-2), so ||w||^2 = 1 + t for both filters, and let eps be smaller than sqrt(1 + t) / 2. In a positive
    input, let p be the place of o_1:

        w_1.x[p] >= 1 - eps ||w||                                            which is positive
        w_2.x[j] <= -t + eps ||w|| < 1 - eps ||w||      for j != p,          as 2 eps ||w|| < 1 + t
        w_2.x[p] <= w_1.x[p] - (1 - sqrt(2) eps)        and eps < 1/sqrt(2)

    So w_1 responds more than w_2, and N(x) > 0. Negative inputs are the mirror image.

    Ref: brutzkus2021, Section 7 (independent random noise)

    Holds for any n.
    """
    return (1 + 1 / (l - 2)) ** 0.5 / 2


def pooled_filters(l: int) -> Float[np.ndarray, "2 l"]:
    """The filters w_i = o_i - sum_{j>=3} o_j / (l-2) for i = 1, 2, whose second layer is (1, -1); patterns e_1 ... e_l.

    Ref: brutzkus2021, Equation 1
    """
    filters = np.full((2, l), -1 / (l - 2))
    filters[:, :2] = np.eye(2)
    return filters


def hidden_noise(n: int, l: int) -> float:
    """The noise from which on no network of Equation 1 separates all inputs: sqrt(1 + 1/s) / 2, s = min((n-1)//2, l-2).

    With the ReLU, the pooled response of a filter is the support function of a convex hull,

        max_j relu(w.x[j]) = max over the points z of K(x) of w.z,    K(x) = hull of 0, x[1] ... x[n]

    So N(x) depends only on K(x), for any number of channels. ``hidden_inputs`` has a positive and a negative input with
    the same hull. If s = 0, there are too few places, and the noise is that of ``overlapping_noise``.

    If n >= 2l - 3, or if l = 3, this is ``pooled_noise``: the threshold of all networks of Equation 1 is then known.
    Otherwise it is between the two.

    Ref: brutzkus2021, Equation 1; Section 7 (independent random noise)
    """
    s = min((n - 1) // 2, l - 2)
    return min((1 + 1 / s) ** 0.5 / 2, overlapping_noise()) if s else overlapping_noise()


def hidden_inputs(n: int, l: int) -> Float[np.ndarray, "class place l"]:
    """A positive and a negative input with the same convex hull, at the noise ``hidden_noise``; patterns e_1 ... e_l.

    Let c be the mean of s spurious patterns. The noise moves o_1 to the point (o_1 + c) / 2, and o_2 to (o_2 + c) / 2.
    Both inputs have each of the s patterns twice: once moved by (o_1 - c) / 2, and once by (o_2 - c) / 2. The mean of
    the first s points is (o_1 + c) / 2, so o_1 is in their hull, and likewise o_2. All noise has norm ||o_1 - c|| / 2 =
    sqrt(1 + 1/s) / 2. If a place is left, it holds a point that is there twice. If s = 0, o_1 and o_2 meet at their
    mean.

    Ref: brutzkus2021, Equation 1
    """
    s, patterns = min((n - 1) // 2, l - 2), np.eye(l)
    if not s:
        rest = patterns[[2] * (n - 1)]
        return np.stack([np.vstack([patterns[:2].mean(0), rest])] * 2)
    spurious = patterns[2 : 2 + s]
    c = spurious.mean(0)
    moved = np.vstack([spurious + (patterns[sign] - c) / 2 for sign in (0, 1)])
    places = moved[np.arange(n - 1) % (2 * s)]
    return np.stack([np.vstack([(patterns[sign] + c) / 2, places]) for sign in (0, 1)])


def noise_of(inputs: Float[np.ndarray, "class place l"]) -> float:
    """The smallest noise bound with which these inputs have positive probability: class 0 positive, 1 negative.

    The first place holds o_1 or o_2, and each other place the nearest spurious pattern; patterns are e_1 ... e_l.
    """
    patterns = np.eye(inputs.shape[2])
    away = np.linalg.norm(inputs[:, 1:, None] - patterns[2:], axis=-1).min(-1)
    return float(max(np.linalg.norm(inputs[:, 0] - patterns[:2], axis=-1).max(), away.max(initial=0)))


def overlapping_noise() -> float:
    """The noise 1 / sqrt(2) from which on no classifier of any kind separates all inputs.

    An input of both classes needs a point within eps of two patterns, and their distance is sqrt(2). From this noise
    on, the mean of o_1 and o_2 is such a point. Below, the nearest pattern of each place shows the class.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    return 0.5**0.5


def overlap(noise: float, d: int) -> float:
    """The share q of a ball of radius eps around o_1 that is within eps of o_2: two caps, whose height follows from

        q = I_{1 - 1 / (2 eps^2)}((d+1)/2, 1/2)    if eps > 1/sqrt(2), and else 0

    with I the regularised incomplete beta function.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    return float(betainc((d + 1) / 2, 0.5, max(0.0, 1 - 1 / (2 * noise**2))))


def bayes_bounds(noise: float, n: int, l: int, d: int) -> tuple[float, float]:
    """Bounds on the Bayes error, with noise that is uniform in the ball of radius eps.

        q / 2 <= Bayes error <= (q + (1 - (1-q)^(n-1)) min(1, (l-2) q)) / 2

    Lower: with the place of o_1 or o_2 and all other places known, the error is q / 2, because both densities are the
    same where the balls overlap. Upper: the error is at most half of the probability that a positive input may be
    negative. Then its o_1 is within eps of o_2; or it is within eps of a spurious pattern, and a spurious pattern is
    within eps of o_2.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    q = overlap(noise, d)
    return q / 2, min(0.5, (q + (1 - (1 - q) ** (n - 1)) * min(1.0, (l - 2) * q)) / 2)


def posterior_error(inputs: Float[np.ndarray, "sample place d"], l: int, noise: float) -> Float[np.ndarray, " sample"]:
    """The smaller posterior probability of the two classes, whose mean over inputs is the Bayes error.

    The density of a noisy pattern is constant on its ball. With A_j = 1[x[j] is within eps of o_1], C_j the same for
    o_2, and S_j the number of spurious patterns within eps, the likelihoods are proportional to

        L+ = sum_p A_p prod_{j != p} S_j,    L- = sum_p C_p prod_{j != p} S_j

    The patterns are e_1 ... e_l. The Bayes error is also the mean over positive inputs, by symmetry.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    squares = (inputs**2).sum(-1, keepdims=True) + 1 - 2 * inputs[..., :l]  # of the distance to each pattern
    near = squares <= noise**2 * (1 + 1e-12)
    spurious = near[..., 2:].sum(-1).astype(float)
    others = np.stack([np.delete(spurious, p, 1).prod(1) for p in range(inputs.shape[1])], 1)
    likelihoods = (near[..., :2] * others[..., None]).sum(1)
    return np.asarray(likelihoods.min(1) / likelihoods.sum(1))
