"""The limit of X-hinge training: the top singular pair of a data matrix, and the error that it predicts."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from convbias.tasks import Task

# sigma_1 counts as degenerate where another singular value is this close, relatively. On the paper's tasks, gaps are
# rounding (below 1e-12) or above 1e-4, and computed singular vectors then off by less than 1e-11.
SAME_SIGMA = 1e-6
# An output of the limit network, whose layers have norm 1, counts as 0 below this: the SVD returns 1e-17 of either
# sign where the exact output is 0.
SAME_MARGIN = 1e-10


class Asymptotics(NamedTuple):
    """Theorem 2 on each of several training sets."""

    sigma1: Float[np.ndarray, " run"]
    sigma2: Float[np.ndarray, " run"]
    degenerate: np.ndarray
    train_error: Float[np.ndarray, " run"]
    test_error: Float[np.ndarray, " run"]


def mean_matrix(task: Task, points: Int[np.ndarray, " n_train"], k: int) -> Float[np.ndarray, "d k"]:
    """M_tr = mean of M_{x,y} = y A_x over the training set, where A_x = [x, x_{<-1}, ..., x_{<-k+1}].

    Ref: wu2019, Sections 2.2 and 3.1
    """
    stacked = np.bincount(task.rows[points].ravel(), minlength=2 * task.d)
    mean = (stacked[: task.d] - stacked[task.d :]) / len(points)
    return np.lib.stride_tricks.sliding_window_view(np.pad(mean, (0, k - 1)), k)


def limit_margins(task: Task, u: Float[np.ndarray, "d m"], v: Float[np.ndarray, "k m"]) -> Float[np.ndarray, " point"]:
    """The least of v'M_{x,y}'u over all top singular pairs (u, v), for every point (x, y) of the task.

    The top singular pairs are (U a, V a) with |a| = 1, so the minimum is the least eigenvalue of the symmetric part
    of V'M_{x,y}'U. It does not depend on which basis of the top singular space the SVD returns.

    Ref: wu2019, Theorem 2 (the min inside the expectation)
    """
    d, k, m = len(u), len(v), u.shape[1]
    forms = np.zeros((d, m, m))  # what position l contributes: sum_j V_j U_{l-j+1}'
    for j in range(k):
        forms[j:] += v[j][None, :, None] * u[: d - j, None, :]
    forms = (forms + forms.transpose(0, 2, 1)) / 2
    stacked = np.concatenate([forms, -forms])
    summed = sum(stacked[rows] for rows in task.rows.T)
    return summed[:, 0, 0] if m == 1 else np.linalg.eigvalsh(summed)[:, 0]


def error(margin: Float[np.ndarray, " point"]) -> float:
    """The share of points misclassified, a margin of 0 counting one half.

    Ref: wu2019, Equation 1
    """
    return float((margin < -SAME_MARGIN).mean() + 0.5 * (abs(margin) <= SAME_MARGIN).mean())


def estimate(task: Task, points: Int[np.ndarray, "run n_train"], k: int) -> Asymptotics:
    """The error of the limit of X-hinge training on each training set, by SVD.

    Where sigma_1 is degenerate the limit depends on the initial weights, and the estimate is an upper bound.

    Ref: wu2019, Theorem 2
    """
    sigma1, sigma2, degenerate, train_error, test_error = [], [], [], [], []
    for sample in points:
        u, s, vt = np.linalg.svd(mean_matrix(task, sample, k), full_matrices=False)
        m = int((s >= (1 - SAME_SIGMA) * s[0]).sum())
        margin = limit_margins(task, u[:, :m], vt[:m].T)
        sigma1.append(s[0])
        sigma2.append(s[1] if k > 1 else 0.0)
        degenerate.append(m > 1)
        train_error.append(error(margin[sample]))
        test_error.append(error(margin))
    return Asymptotics(*(np.array(column) for column in (sigma1, sigma2, degenerate, train_error, test_error)))
