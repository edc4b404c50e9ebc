"""Gradient descent on the X-hinge loss in closed form."""

import numpy as np
from jaxtyping import Float


def xhinge_weights(
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, " k"],
    w2: Float[np.ndarray, " d"],
    learning_rate: float,
    steps: int,
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " d"]]:
    """The weights of Model-Conv-k after ``steps`` steps, for M_tr = ``matrix`` = U S V' and any initial weights.

    In the basis of singular vectors, p = V'w1 and q = U'w2 obey p_{t+1} = p_t + a S q_t and q_{t+1} = q_t + a S p_t, so
    that p + q grows by I + a S and p - q by I - a S in each step; the part of w2 outside U's span stays:

        w1_t = V [ (I + a S)^t (p_0 + q_0) + (I - a S)^t (p_0 - q_0) ] / 2
        w2_t = U [ (I + a S)^t (p_0 + q_0) - (I - a S)^t (p_0 - q_0) ] / 2 + (I - U U') w2_0

    Ref: wu2019, Lemma 1 (finite-time form, derived)

    Errors: rounding, about 1e-15 times the number of steps, relative to the largest weight.
    """
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    p, q = vt @ w1, u.T @ w2
    grown = (1 + learning_rate * s) ** steps * (p + q)
    shrunk = (1 - learning_rate * s) ** steps * (p - q)
    return vt.T @ (grown + shrunk) / 2, u @ ((grown - shrunk) / 2 - q) + w2
