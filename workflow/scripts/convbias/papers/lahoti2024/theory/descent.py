"""Gradient descent on the mean squared loss of the networks of the paper, for some training sets at once.

W has one filter for each place (LCN), or a single filter (CNN). The threshold b is trained, too, and stays at least 0.

Ref: lahoti2024, Section 4 (the DSD task and its networks)
"""

import numpy as np
from jaxtyping import Float

from convbias.papers.lahoti2024.theory.lsa import lsa, risk

LOOK = 5  # steps between two looks at the risk


def gradient(
    x: Float[np.ndarray, "run place sample d"],
    y: Float[np.ndarray, "run sample"],
    W: Float[np.ndarray, "run filter d"],
    b: Float[np.ndarray, " run"],
) -> tuple[Float[np.ndarray, "run filter d"], Float[np.ndarray, " run"]]:
    """The gradients of mean_x (y - f(x))^2 by W and by b."""
    u = (x @ W[..., None])[..., 0]
    threshold = b[:, None, None]
    pull = 2 * (lsa(u, threshold).sum(1) - y) / y.shape[1]
    by_response = pull[:, None] * (abs(u) > threshold)
    by_place = (x.swapaxes(2, 3) @ by_response[..., None])[..., 0]
    by_filter = by_place if W.shape[1] > 1 else by_place.sum(1, keepdims=True)
    return by_filter, -(by_response * np.sign(u)).sum((1, 2))


def smallest_risk(
    x: Float[np.ndarray, "run place sample d"],
    y: Float[np.ndarray, "run sample"],
    W: Float[np.ndarray, "run filter d"],
    noise: int | float,
    learning_rate: int | float,
    bias_rate: int | float,
    steps: int,
) -> Float[np.ndarray, " run"]:
    """The smallest exact risk of each run at any look, from b = 0 on; w* is e_1. Runs that diverge keep theirs."""
    b = np.zeros(len(W), dtype=W.dtype)
    smallest = np.full(len(W), np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            if step % LOOK == 0:
                filters = np.broadcast_to(W, (len(W), x.shape[1], x.shape[3])).astype(float)
                now = risk(filters[..., 0], np.sqrt((filters**2).sum(2)), b.astype(float), noise)
                smallest = np.fmin(smallest, now)
            by_filter, by_threshold = gradient(x, y, W, b)
            W = W - learning_rate * by_filter
            b = np.maximum(b - bias_rate * by_threshold, 0)
    return smallest
