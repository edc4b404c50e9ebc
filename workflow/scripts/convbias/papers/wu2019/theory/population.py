"""The X-hinge limit with infinitely many samples: its error is the bias that the convolution brings."""

from typing import NamedTuple

import numpy as np

from convbias.linear.tasks import Task
from convbias.papers.wu2019.theory.svd_estimate import SAME_MARGIN, error, limit_margins, mean_matrix
from convbias.papers.wu2019.theory.xhinge import SAME_SIGMA, top_singular_pairs


class Population(NamedTuple):
    """The error of the limit over the dataset, and the two numbers that decide whether it is the limit of errors.

    ``gap`` is 1 - sigma_2 / sigma_1. ``smallest_output`` is the smallest |f(x)| over the dataset; both layers of f have
    norm 1.
    """

    error: float
    gap: float
    smallest_output: float

    @property
    def certain(self) -> bool:
        """Whether sigma_1 is simple and no output is 0."""
        return self.gap > SAME_SIGMA and self.smallest_output > SAME_MARGIN


def population_limit(task: Task, k: int) -> Population:
    """The X-hinge limit for the whole dataset as the training set.

    As n grows, M_tr tends to M = mean of y A_x over the dataset. If M's sigma_1 is simple, the top singular pair of
    M_tr tends to that of M, up to one sign for both. If also no output is 0, the sign of every output is that of M's
    pair from some n on. The error is then exactly the limit of E_inf as n grows. If sigma_1 is degenerate, any
    combination of its pairs can be the limit, and the error is the upper bound of Theorem 2. If an output is 0, its
    sign remains random at every n, and 1/2 may not be its mean error.

    In three cases the error is known. With m = mean of y x, M[i, j] = m[i+j], and m = 0 after position d:

    * Task-Cls, every k: 0. All m[l] are 1/d, so that M'M is positive. By Perron and Frobenius, v > 0, and u = M v > 0.
      Each output is a sum of products v_j u_{l-j}, and one of these is v_1 u_l > 0.
    * Task-1stCtrl, k <= d/4: 0. Let h = d/2. For i <= j, both counted from 0, (M'M)[i, j] is (d - j - 2(j-i)) / d^2.
      This is positive if j < d/3, so that v > 0. Up to position h, the output is the sum of v_i v_j m[l-i+j]. Without
      the border it is the sum of v_i v_j / d over j - i >= t, minus that over j - i < t, with t = h + 1 - l >= 1. The
      terms of i and j cancel those of j and i except for |j - i| < t, which leaves less than 0. The border takes terms
      away only if l < k. Then l <= h - k + 1, and all u that are left are negative. The other half is alike.
    * Task-3rdCtrl, k = 1: 0. The weights are m[l] = 2(2l-d-1) / (d(d-1)), which rise with l, as this task needs.

    Ref: wu2019, Section 4 (may actually be a bias); Section 6 (the choice of k)

    Errors: outputs are exact up to about 1e-15 / gap.
    """
    u, s, v = top_singular_pairs(mean_matrix(task, np.arange(len(task)), k))
    least = limit_margins(task, u, v)[:, 0]
    return Population(error(least), float(1 - s[1] / s[0]) if k > 1 else 1.0, float(abs(least).min()))
