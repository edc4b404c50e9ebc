"""The limit of X-hinge training: the top singular pair of a data matrix, and the error that it predicts."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from convbias.linear.tasks import Task
from convbias.papers.wu2019.theory.gaussian import negative_probability
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

# An output of the limit network, whose layers have norm 1, counts as 0 below this: the SVD returns 1e-17 of either
# sign where the exact output is 0.
SAME_MARGIN = 1e-10


class SVDEstimate(NamedTuple):
    """Theorem 2 on each of several training sets: ``test_error`` bounds ``gaussian_test_error``."""

    sigma1: Float[np.ndarray, " run"]
    sigma2: Float[np.ndarray, " run"]
    degenerate: np.ndarray
    train_error: Float[np.ndarray, " run"]
    test_error: Float[np.ndarray, " run"]
    gaussian_test_error: Float[np.ndarray, " run"]


def mean_matrix(task: Task, points: Int[np.ndarray, " n_train"], k: int) -> Float[np.ndarray, "d k"]:
    """M_tr = mean of M_{x,y} = y A_x over the training set, where A_x = [x, x_{<-1}, ..., x_{<-k+1}].

    Ref: wu2019, Sections 2.2 and 3.1
    """
    stacked = np.bincount(task.rows[points].ravel(), minlength=2 * task.d)
    mean = (stacked[: task.d] - stacked[task.d :]) / len(points)
    return np.lib.stride_tricks.sliding_window_view(np.pad(mean, (0, k - 1)), k)


def limit_forms(task: Task, u: Float[np.ndarray, "d m"], v: Float[np.ndarray, "k m"]) -> Float[np.ndarray, "point m m"]:
    """The symmetric part of V'M_{x,y}'U for every point (x, y), with the top m singular vectors U, V of M_tr.

    The margin of the limit network is z'Fz for this F and z = V'w1_0 (plus U'w2_0, which the paper sets to 0).

    Ref: wu2019, Section 3.2 (F^inf)
    """
    d, k, m = len(u), len(v), u.shape[1]
    forms = np.zeros((d, m, m))  # what position l contributes: sum_j V_j U_{l-j+1}'
    for j in range(k):
        forms[j:] += v[j][None, :, None] * u[: d - j, None, :]
    forms = (forms + forms.transpose(0, 2, 1)) / 2
    stacked = np.concatenate([forms, -forms])
    return sum(stacked[rows] for rows in task.rows.T)


def limit_margins(task: Task, u: Float[np.ndarray, "d m"], v: Float[np.ndarray, "k m"]) -> Float[np.ndarray, "point m"]:
    """The eigenvalues of every point's form, rising; the first is the least of v'M_{x,y}'u over top singular pairs.

    The top singular pairs are (U a, V a) with |a| = 1. The eigenvalues do not depend on which basis of the top singular
    space the SVD returns. With m = 1 they are the margins themselves.

    Ref: wu2019, Theorem 2 (the min inside the expectation)
    """
    forms = limit_forms(task, u, v)
    return forms[:, 0] if u.shape[1] == 1 else np.linalg.eigvalsh(forms)


def error(margin: Float[np.ndarray, " point"]) -> float:
    """The share of points misclassified, a margin of 0 counting one half.

    Ref: wu2019, Equation 1
    """
    return float(((margin < -SAME_MARGIN).sum() + 0.5 * (abs(margin) <= SAME_MARGIN).sum()) / len(margin))


def gaussian_error(margins: Float[np.ndarray, "point m"]) -> float:
    """The expected error of the limit over w1_0 ~ N(0, b^2 I), from the eigenvalues of the points' forms.

    Ref: wu2019, Equation 3
    """
    margins = np.where(abs(margins) <= SAME_MARGIN, 0.0, margins)
    return float((negative_probability(margins) + 0.5 * (margins == 0).all(1)).mean())


def estimate(task: Task, points: Int[np.ndarray, "run n_train"], k: int) -> SVDEstimate:
    """The error of the limit of X-hinge training on each training set, by SVD.

    Where sigma_1 is degenerate the limit depends on the initial weights: the errors then are an upper bound, and beside
    them stands the expectation over Gaussian w1_0 with w2_0 = 0.

    Ref: wu2019, Theorem 2
    """
    rows = []
    for sample in points:
        u, s, v = top_singular_pairs(mean_matrix(task, sample, k))
        margins = limit_margins(task, u, v)
        least = margins[:, 0]
        degenerate = u.shape[1] > 1
        test_error = error(least)
        expected = gaussian_error(margins) if degenerate else test_error
        rows.append((s[0], s[1] if k > 1 else 0.0, degenerate, error(least[sample]), test_error, expected))
    return SVDEstimate(*map(np.array, zip(*rows, strict=True)))
