"""The networks of the paper, which sum over patches, and their exact risk.

With the activation phi_b(u) = (u - b)_+ - (-u - b)_+ (local signal adaptivity), b >= 0, a network is

    f(x) = sum_j phi_b(w_j . x[j]),

with separate filters w_j at each place (LCN), or one filter w for all places (CNN). Patch j of an input is
y w* + sigma xi at a uniform place, and sigma xi elsewhere, with xi standard normal and |w*| = 1. So all responses are
independent normal numbers, with standard deviation sigma |w_j|. The mean is y w_j . w* at the place of the signal, and
0 elsewhere. As phi_b is odd, the risk is that of y = 1: the mean over j of

    E (1 - f(x))^2 = 1 - 2 E phi_b(u_j) + E phi_b(u_j)^2 + sum_{i != j} E phi_b(u_i)^2.

Ref: lahoti2024, Section 4 (the DSD task and its networks)
"""

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize
from scipy.special import ndtr


def lsa(u: Float[np.ndarray, "..."], b: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """phi_b(u): responses within b of 0 have no effect."""
    return np.maximum(u - b, 0) - np.maximum(-u - b, 0)


def moments(
    mean: Float[np.ndarray, "..."], deviation: Float[np.ndarray, "..."], b: Float[np.ndarray, "..."]
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """E phi_b(u) and E phi_b(u)^2 for normal u; the two halves of phi_b are never both non-zero, as b >= 0.

    For v ~ N(m, s^2): E v_+ = m Phi(m/s) + s phi(m/s), and E v_+^2 = (m^2 + s^2) Phi(m/s) + m s phi(m/s).
    """
    first, second = np.zeros_like(mean), np.zeros_like(mean)
    for sign in (1, -1):
        m = sign * mean - b
        t = m / deviation
        probability, density = ndtr(t), np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
        first += sign * (m * probability + deviation * density)
        second += (m**2 + deviation**2) * probability + m * deviation * density
    return first, second


def risk(
    along: Float[np.ndarray, "run place"],
    length: Float[np.ndarray, "run place"],
    b: Float[np.ndarray, " run"],
    noise: int | float,
) -> Float[np.ndarray, " run"]:
    """E (y - f(x))^2. ``along`` is w_j . w*, and ``length`` is |w_j|; noise is sigma, the deviation of each entry."""
    first, second = moments(along, noise * length, b[:, None])
    _, empty = moments(np.zeros_like(along), noise * length, b[:, None])
    return (1 - 2 * first + second + empty.sum(1, keepdims=True) - empty).mean(1)


def best_risk(places: int, noise: int | float) -> float:
    """The smallest risk of a network whose filters are all s w*, over s and b."""

    def at(point: np.ndarray) -> float:
        scale = np.full((1, places), max(point[0], 1e-6))
        return float(risk(scale, scale, np.maximum(point[1:], 0), noise)[0])

    starts = ([1.0, 0.1], [1.3, 0.5], [0.5, 0.01])
    return min(
        minimize(at, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).fun for start in starts
    )
