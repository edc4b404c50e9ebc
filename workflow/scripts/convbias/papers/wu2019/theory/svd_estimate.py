"""The X-hinge limit from the top singular pair of a data matrix, and the SVD estimate of its error."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from convbias.linear.tasks import Task
from convbias.papers.wu2019.theory.gaussian import negative_probability
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

# An output of the X-hinge limit, whose layers have norm 1, counts as 0 if its absolute value is below this. If the
# exact output is 0, the SVD returns about 1e-17 of either sign.
SAME_MARGIN = 1e-10


class SVDEstimate(NamedTuple):
    """The SVD estimate (Theorem 2) on each of several training sets: ``test_error`` bounds ``gaussian_test_error``."""

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

    The margin of the X-hinge limit is z'Fz for this F and z = V'w1_0 (plus U'w2_0, which the paper sets to 0).

    Ref: wu2019, Section 3.2 (F^inf)
    """
    d, k, m = len(u), len(v), u.shape[1]
    forms = np.zeros((d, m, m))  # the term of position l: sum_j V_j U_{l-j+1}'
    for j in range(k):
        forms[j:] += v[j][None, :, None] * u[: d - j, None, :]
    forms = (forms + forms.transpose(0, 2, 1)) / 2
    stacked = np.concatenate([forms, -forms])
    return sum(stacked[rows] for rows in task.rows.T)


def limit_margins(task: Task, u: Float[np.ndarray, "d m"], v: Float[np.ndarray, "k m"]) -> Float[np.ndarray, "point m"]:
    """The eigenvalues of every point's form in rising order; the first is the least v'M_{x,y}'u of top singular pairs.

    The top singular pairs are (U a, V a) with |a| = 1. The eigenvalues do not depend on which basis of the top singular
    space the SVD returns. With m = 1 they are the margins themselves.

    Ref: wu2019, Theorem 2 (the min inside the expectation)
    """
    forms = limit_forms(task, u, v)
    return forms[:, 0] if u.shape[1] == 1 else np.linalg.eigvalsh(forms)


def error(margin: Float[np.ndarray, " point"]) -> float:
    """The proportion of misclassified points; a margin of 0 counts one half.

    Ref: wu2019, Equation 1
    """
    return float(((margin < -SAME_MARGIN).sum() + 0.5 * (abs(margin) <= SAME_MARGIN).sum()) / len(margin))


def gaussian_error(margins: Float[np.ndarray, "point m"]) -> float:
    """The expected error of the X-hinge limit over w1_0 ~ N(0, b^2 I), from the eigenvalues of the points' forms.

    Ref: wu2019, Equation 3
    """
    margins = np.where(abs(margins) <= SAME_MARGIN, 0.0, margins)
    return float((negative_probability(margins) + 0.5 * (margins == 0).all(1)).mean())


def estimate(task: Task, points: Int[np.ndarray, "run n_train"], k: int) -> SVDEstimate:
    """The SVD estimate of the error of the X-hinge limit, on each training set.

    If sigma_1 is degenerate, the limit depends on the initial weights. The errors are then upper bounds. Next to them,
    ``gaussian_test_error`` is the expectation over Gaussian w1_0 with w2_0 = 0.

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
