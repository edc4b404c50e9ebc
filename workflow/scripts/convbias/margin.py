"""The linear classifier of largest margin without intercept, and of least slack where no hyperplane separates."""

from dataclasses import dataclass

import daqp
import numpy as np
import quadprog
from jaxtyping import Float
from scipy.optimize import linprog

TOLERANCE = 1e-9  # of what certifies an answer, relatively; the solvers mostly reach 1e-12


@dataclass(frozen=True)
class Separation:
    """Weights, and whether every y w.x > 0 can be met; where it cannot, the weights are those of least total slack."""

    weights: Float[np.ndarray, " dim"]
    separable: bool


def max_margin(signed: Float[np.ndarray, "sample dim"]) -> Separation:
    """The shortest w that meets y w.x >= 1 at every sample; ``signed`` holds the rows y x.

        argmin ||w||^2  s.t.  y w.x >= 1,    else    argmin slack(w) = sum (1 - y w.x)_+

    The second is the limit of the soft margin as C grows, up to ties. Its dual is max sum l_i over 0 <= l_i <= 1 with
    sum l_i y_i x_i = 0. Any such l but 0 can grow until an l_i is 1, so the least slack is 0 or at least 1, and it is
    0 where the samples are separable.

    Ref: brutzkus2021, Equation 9

    Errors: no answer without its certificate. Separable: constraints and duality gap hold to 1e-9. Not: the duality
    gap is below 1e-9 and some average of the rows is shorter than 1e-9 of the largest entry, which bounds any margin.

    Raises:
        ValueError: there is no sample or no dimension, or an entry is not finite.
        RuntimeError: neither certificate holds.
    """
    if not signed.size or not np.isfinite(signed).all():
        raise ValueError(f"signed: allowed: at least one sample and dimension, finite; given: {signed.shape}")
    scale = abs(signed).max() or 1.0
    rows = signed / scale
    basis, coordinates = _in_span(rows)
    told = []
    for name, solve, certifies, separable in (
        ("DAQP", _shortest, _is_shortest, True),
        ("HiGHS", _of_least_slack, _is_of_least_slack, False),
        ("quadprog", _shortest_slowly, _is_shortest, True),
    ):
        weights, multipliers, words = solve(coordinates)
        if certifies(rows, basis @ weights, multipliers):
            return Separation(basis @ weights / scale, separable)
        told.append(f"{name}: {words}")
    raise RuntimeError(f"max_margin of {rows.shape[0]} samples x {rows.shape[1]}: {'; '.join(told)}")


def _in_span(
    rows: Float[np.ndarray, "sample dim"],
) -> tuple[Float[np.ndarray, "dim m"], Float[np.ndarray, "sample m"]]:
    """An orthonormal basis that holds the rows' span, where the optimum lies, and the rows in it; m <= sample, dim."""
    if rows.shape[1] <= rows.shape[0]:
        return np.eye(rows.shape[1]), rows
    basis, triangle = np.linalg.qr(rows.T)
    return basis, triangle.T


# Each solver gives weights, multipliers and its status in words; zeros where it found none, which no check accepts.
Solution = tuple[Float[np.ndarray, " m"], Float[np.ndarray, " sample"], str]


def _shortest(rows: Float[np.ndarray, "sample m"]) -> Solution:
    """The rows are scaled to length 1, and what they must meet with them: DAQP's tolerances are absolute."""
    samples, m = rows.shape
    lengths = np.linalg.norm(rows, axis=1)
    if not lengths.all():
        return np.zeros(m), np.zeros(samples), "a sample is 0"
    unbounded, inequality = np.full(samples, 1e30), np.zeros(samples, dtype=np.int32)
    limits = {"primal_tol": 1e-11, "iter_limit": 100 * (samples + m)}
    weights, _, status, found = daqp.solve(
        np.eye(m), np.zeros(m), rows / lengths[:, None], unbounded, 1 / lengths, inequality, **limits
    )
    return weights, np.maximum(0, -found["lam"]) / lengths, f"exit flag {status}, no valid certificate"


def _shortest_slowly(rows: Float[np.ndarray, "sample m"]) -> Solution:
    """By quadprog, several times as slow, and exact where the margin is too small for DAQP."""
    samples, m = rows.shape
    try:
        weights, _, _, _, multipliers, _ = quadprog.solve_qp(np.eye(m), np.zeros(m), rows.T.copy(), np.ones(samples))
    except ValueError as problem:
        return np.zeros(m), np.zeros(samples), str(problem)
    return weights, multipliers, "no valid certificate"


def _is_shortest(
    rows: Float[np.ndarray, "sample dim"], weights: Float[np.ndarray, " dim"], multipliers: Float[np.ndarray, " sample"]
) -> bool:
    """The dual of the shortest w is max 2 sum l_i - ||sum l_i y_i x_i||^2 over l_i >= 0."""
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
    """Half way between 0 and 1, what the least slack can be, is where solvers cannot mistake one for the other."""
    slack, bound = np.maximum(0, 1 - rows @ weights).sum(), multipliers.sum()
    shortest = np.linalg.norm(multipliers @ rows)  # no margin is larger than this over the bound
    within = multipliers.min() >= -TOLERANCE and multipliers.max() <= 1 + TOLERANCE
    return bool(bound > 0.5 and within and slack <= (1 + TOLERANCE) * bound and shortest <= TOLERANCE * bound)
