"""Where hinge training stops, from the closed form of X-hinge: how good initial weights are, without training.

The hinge loss and X-hinge have the same gradient while no training sample has a margin of 1 or more. Until the step T_1
at which the first one has, both trainings have the same weights. After it they differ: the hinge loss leaves out the
samples that have their margin. We go on with X-hinge until the mean margin is 1, and predict that hinge training has
the same error at its end.

Ref: wu2019, Section 3.2 (closed form); Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from convbias.linear.tasks import Task
from convbias.papers.wu2019.theory.classifiers import effective, margins
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs, xhinge_weights

LONGEST = 2**40  # steps
AT_ONCE = 128  # steps in memory at a time


def mean_margin(
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, "run k"],
    w2: Float[np.ndarray, "run d"],
    learning_rate: float,
    steps: Int[np.ndarray, " run"],
) -> Float[np.ndarray, " run"]:
    """The mean of y f(x) over the training set after some steps of X-hinge: w2'M_tr w1, for M_tr = ``matrix`` = U S V'.

    With p = V'w1_0 and q = U'w2_0 it is

        1/4 sum_i s_i [ (1 + a s_i)^{2t} (p_i + q_i)^2 - (1 - a s_i)^{2t} (p_i - q_i)^2 ]

    It never falls if a s_1 <= 2, since then |1 - a s_i| <= 1.

    Ref: wu2019, Lemma 1 (its closed form, derived)
    """
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    p, q, t = w1 @ vt.T, w2 @ u, steps[:, None]
    grown, shrunk = (1 + learning_rate * s) ** t * (p + q), (1 - learning_rate * s) ** t * (p - q)
    return (grown**2 - shrunk**2) @ s / 4


def mean_margin_step(
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, "run k"],
    w2: Float[np.ndarray, "run d"],
    learning_rate: float,
) -> Int[np.ndarray, " run"]:
    """The first step of X-hinge after which the mean margin is 1 or more, by bisection.

    Ref: wu2019, Section 3.2 (derived)

    Raises:
        ValueError: the learning rate is too large for the mean margin to rise, or it stays below 1.
    """
    if learning_rate * np.linalg.svd(matrix, compute_uv=False)[0] > 2:
        raise ValueError(f"learning rate {learning_rate:g} is above 2 / sigma_1, so that the margin may fall")

    def short(steps: Int[np.ndarray, " run"]) -> Bool[np.ndarray, " run"]:
        with np.errstate(over="ignore", invalid="ignore"):  # many steps too many
            return ~(mean_margin(matrix, w1, w2, learning_rate, steps) >= 1)

    low, high = np.full(len(w1), -1), np.zeros(len(w1), dtype=int)
    while (below := short(high)).any():
        if high.max() > LONGEST:
            raise ValueError(f"the mean margin is below 1 after {LONGEST} steps: the initial weights are too small")
        low, high = np.where(below, high, low), np.where(below, 2 * high + 1, high)
    while (high - low > 1).any():
        middle = (low + high + 1) // 2
        below = short(middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high


def first_margin_step(
    task: Task,
    points: Int[np.ndarray, " n_train"],
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, "run k"],
    w2: Float[np.ndarray, "run d"],
    learning_rate: float,
    latest: Int[np.ndarray, " run"],
) -> Int[np.ndarray, " run"]:
    """T_1: the first step after which some training sample has a margin of 1 or more. It is at most ``latest``.

    ``latest`` is the step of the mean margin: some margin is at least as large as the mean.

    Ref: wu2019, Section 3.2 (derived)
    """
    drawn, found, going = np.unique(task.distinct.of[points]), latest.copy(), np.ones(len(latest), dtype=bool)
    for begin in range(0, latest.max() + 1, AT_ONCE):
        steps = np.arange(begin, begin + AT_ONCE)[:, None]
        w = effective(*xhinge_weights(matrix, w1, w2, learning_rate, steps))
        reached = margins(task.distinct, w, drawn).max(-1) >= 1
        here = going & reached.any(0)
        found[here] = begin + reached[:, here].argmax(0)
        going &= ~here
        if not going.any():
            break
    return found


def alignment(
    matrix: Float[np.ndarray, "d k"], w1: Float[np.ndarray, "run k"], w2: Float[np.ndarray, "run d"]
) -> Float[np.ndarray, " run"]:
    """The cosine of the angle between initial weights (w1, w2) and their X-hinge limit.

    Ref: wu2019, Lemma 1
    """
    u, _, v = top_singular_pairs(matrix)
    lengths = (w1**2).sum(1) + (w2**2).sum(1)
    return np.linalg.norm(w1 @ v + w2 @ u, axis=1) / (2 * lengths) ** 0.5


def tangent(v: Float[np.ndarray, " k"], w1: Float[np.ndarray, "run k"]) -> Float[np.ndarray, " run"]:
    """The tangent of the angle between w1 and the line along v, a vector of norm 1.

    Ref: wu2019, Lemma 1
    """
    along = w1 @ v
    return np.linalg.norm(w1 - along[:, None] * v, axis=1) / abs(along)


def tangent_after(
    matrix: Float[np.ndarray, "d k"],
    w1: Float[np.ndarray, "run k"],
    w2: Float[np.ndarray, "run d"],
    learning_rate: float,
    steps: Int[np.ndarray, " run"],
) -> Float[np.ndarray, " run"]:
    """The same after some steps of X-hinge. In the basis of singular vectors, it stays exact if it is tiny.

    Ref: wu2019, Lemma 1 (its closed form, derived)
    """
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    p, q, t = w1 @ vt.T, w2 @ u, steps[:, None]
    now = (1 + learning_rate * s) ** t * (p + q) + (1 - learning_rate * s) ** t * (p - q)
    return np.linalg.norm(now[:, 1:], axis=1) / abs(now[:, 0])


def small_b_exponent(s: Float[np.ndarray, " k"], learning_rate: float) -> float:
    """1 - log(1 + a s_2) / log(1 + a s_1): as b goes to 0, the tangent at the stop is proportional to b to this power.

    A margin is a product of two layers. So b^2 (1 + a s_1)^{2t} has a fixed order at the step t of the mean margin,
    or of the first margin. The slowest other term of w1 is smaller than the first by ((1 + a s_2) / (1 + a s_1))^t.
    Then put t = -log b / log(1 + a s_1).

    Ref: wu2019, Lemma 1 (derived)
    """
    return float(1 - np.log1p(learning_rate * s[1]) / np.log1p(learning_rate * s[0]))
