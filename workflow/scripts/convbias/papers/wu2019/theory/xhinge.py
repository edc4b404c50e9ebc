"""Gradient descent on the X-hinge loss in closed form, and its limit."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

# sigma_1 counts as degenerate if another singular value is this close, relatively. On the paper's tasks, gaps are
# either rounding errors (below 1e-12) or above 1e-4. Above 1e-4, the errors of computed singular vectors are below
# 1e-11.
SAME_SIGMA = 1e-6


class TopPairs(NamedTuple):
    """All singular values, and bases of the left and right singular vectors of the largest."""

    u: Float[np.ndarray, "d m"]
    s: Float[np.ndarray, " k"]
    v: Float[np.ndarray, "k m"]


def top_singular_pairs(matrix: Float[np.ndarray, "d k"]) -> TopPairs:
    """The m singular pairs whose singular value is sigma_1; m > 1 if it is degenerate.

    Ref: wu2019, Lemma 1 (U_:m and V_:m)
    """
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    m = int((s >= (1 - SAME_SIGMA) * s[0]).sum())
    return TopPairs(u[:, :m], s, vt[:m].T)


def xhinge_weights(
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, "*run k"],
    w2: Float[np.ndarray, "*run d"],
    learning_rate: float,
    steps: int | Int[np.ndarray, "..."],
) -> tuple[Float[np.ndarray, "... k"], Float[np.ndarray, "... d"]]:
    """The weights of Model-Conv-k after ``steps`` steps, for M_tr = ``matrix`` = U S V' and any initial weights.

    If ``steps`` is an array, it is broadcast against the runs.

    In the basis of singular vectors, p = V'w1 and q = U'w2 obey p_{t+1} = p_t + a S q_t and q_{t+1} = q_t + a S p_t. So
    p + q grows by I + a S and p - q by I - a S in each step. The part of w2 outside U's span is constant:

        w1_t = V [ (I + a S)^t (p_0 + q_0) + (I - a S)^t (p_0 - q_0) ] / 2
        w2_t = U [ (I + a S)^t (p_0 + q_0) - (I - a S)^t (p_0 - q_0) ] / 2 + (I - U U') w2_0

    Ref: wu2019, Lemma 1 (finite-time form, derived)

    Errors: rounding, about 1e-15 times the number of steps, relative to the largest weight.
    """
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    p, q, t = w1 @ vt.T, w2 @ u, np.asarray(steps)[..., None]
    grown = (1 + learning_rate * s) ** t * (p + q)
    shrunk = (1 - learning_rate * s) ** t * (p - q)
    return (grown + shrunk) / 2 @ vt, ((grown - shrunk) / 2 - q) @ u.T + w2


def limit_weights(
    matrix: Float[np.ndarray, "d k"], w1: Float[np.ndarray, " k"], w2: Float[np.ndarray, " d"]
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " d"]]:
    """The limit of 2 w_t / (1 + a sigma_1)^t as t grows, for any initial weights; U and V are the top m pairs.

        w1 = V (V'w1_0 + U'w2_0),    w2 = U (V'w1_0 + U'w2_0)

    Ref: wu2019, Lemma 1 (with w2_0 = 0 in the paper)
    """
    u, _, v = top_singular_pairs(matrix)
    start = v.T @ w1 + u.T @ w2
    return v @ start, u @ start
