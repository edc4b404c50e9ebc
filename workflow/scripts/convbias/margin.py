"""The linear classifier of maximum margin without intercept, or of least slack if the samples are not separable."""

from dataclasses import dataclass

import daqp
import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog

TOLERANCE = 1e-9  # relative tolerance of the optimality checks; the solvers usually reach 1e-12


@dataclass(frozen=True)
class Separation:
    """Weights, and whether some w satisfies every y w.x > 0. If none does, the weights have the least total slack."""

    weights: Float[np.ndarray, " dim"]
    separable: bool


def max_margin(signed: Float[np.ndarray, "sample dim"]) -> Separation:
    """The shortest w that satisfies y w.x >= 1 for every sample; ``signed`` holds the rows y x.

        argmin ||w||^2  s.t.  y w.x >= 1,    else    argmin slack(w) = sum (1 - y w.x)_+

    The second is the limit of the soft margin as C grows, up to ties. Its dual is max sum l_i over 0 <= l_i <= 1 with
    sum l_i y_i x_i = 0. Any non-zero l can be scaled up until one l_i is 1. The least slack is therefore 0 or at least
    1; it is 0 if the samples are separable.

    Ref: brutzkus2021, Equation 9

    Errors: every returned result has passed an optimality check. If the samples are separable, the constraints and the
    duality gap hold to 1e-9. If they are not, the duality gap is below 1e-9. Some average of the rows is then shorter
    than 1e-9 of the largest entry, which bounds any margin.

    Raises:
        ValueError: there is no sample or no dimension, or an entry is not finite.
        RuntimeError: no result passes its optimality check.
    """
    if not signed.size or not np.isfinite(signed).all():
        raise ValueError(f"signed: allowed: at least one sample and dimension, finite; given: {signed.shape}")
    scale = abs(signed).max() or 1.0
    rows = signed / scale
    basis, coordinates = _in_span(rows)
    failures = []
    for name, solve, is_optimal, separable in (
        ("DAQP", _shortest, _is_shortest, True),
        ("HiGHS", _of_least_slack, _is_of_least_slack, False),
    ):
        weights, multipliers, status = solve(coordinates)
        if is_optimal(rows, basis @ weights, multipliers):
            return Separation(basis @ weights / scale, separable)
        failures.append(f"{name}: {status}")
    raise RuntimeError(f"max_margin of {rows.shape[0]} samples x {rows.shape[1]}: {'; '.join(failures)}")


def _in_span(
    rows: Float[np.ndarray, "sample dim"],
) -> tuple[Float[np.ndarray, "dim m"], Float[np.ndarray, "sample m"]]:
    """An orthonormal basis of a space that contains the rows and the optimum, and the rows in it; m <= sample, dim."""
    if rows.shape[1] <= rows.shape[0]:
        return np.eye(rows.shape[1]), rows
    basis, triangle = np.linalg.qr(rows.T)
    return basis, triangle.T


# Each solver returns weights, multipliers and its status in words. Failure gives zeros, which no check accepts.
Solution = tuple[Float[np.ndarray, " m"], Float[np.ndarray, " sample"], str]


def _shortest(rows: Float[np.ndarray, "sample m"]) -> Solution:
    """Solve with DAQP. The constraints are scaled to rows of length 1, because DAQP's tolerances are absolute."""
    samples, m = rows.shape
    lengths = np.linalg.norm(rows, axis=1)
    if not lengths.all():
        return np.zeros(m), np.zeros(samples), "one sample is 0"
    unbounded, inequality = np.full(samples, 1e30), np.zeros(samples, dtype=np.int32)
    limits = {"primal_tol": 1e-11, "iter_limit": 100 * (samples + m)}
    weights, _, status, info = daqp.solve(
        np.eye(m), np.zeros(m), rows / lengths[:, None], unbounded, 1 / lengths, inequality, **limits
    )
    return weights, np.maximum(0, -info["lam"]) / lengths, f"exit flag {status}, failed its optimality check"


def _is_shortest(
    rows: Float[np.ndarray, "sample dim"], weights: Float[np.ndarray, " dim"], multipliers: Float[np.ndarray, " sample"]
) -> bool:
    """Check optimality. The dual of the shortest w is max 2 sum l_i - ||sum l_i y_i x_i||^2 over l_i >= 0."""
    dual = 2 * multipliers.sum() - ((multipliers @ rows) ** 2).sum()
    tight = abs(weights @ weights - dual) <= TOLERANCE * (weights @ weights)
    return bool((rows @ weights).min() >= 1 - TOLERANCE and tight and multipliers.min() >= 0)


def _of_least_slack(rows: Float[np.ndarray, "sample m"]) -> Solution:
    samples, m = rows.shape
    dual = linprog(-np.ones(samples), A_eq=rows.T, b_eq=np.zeros(m), bounds=(0, 1), method="highs-ipm")
    if dual.x is None:
        return np.zeros(m), np.zeros(samples), dual.message
    return -dual.eqlin.marginals, dual.x, dual.message


def _is_of_least_slack(
    rows: Float[np.ndarray, "sample dim"], weights: Float[np.ndarray, " dim"], multipliers: Float[np.ndarray, " sample"]
) -> bool:
    """Check optimality. The least slack is 0 or at least 1, so a bound above 0.5 shows that it is not 0."""
    slack, bound = np.maximum(0, 1 - rows @ weights).sum(), multipliers.sum()
    shortest = np.linalg.norm(multipliers @ rows)  # no margin is larger than this over the bound
    within = multipliers.min() >= -TOLERANCE and multipliers.max() <= 1 + TOLERANCE
    return bool(bound > 0.5 and within and slack <= (1 + TOLERANCE) * bound and shortest <= TOLERANCE * bound)
