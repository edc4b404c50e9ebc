"""Theorem 4 on Task-Cls: if samples are adjacent, the X-hinge limit has errors only far from all samples."""

from collections.abc import Callable
from math import comb
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

Sizes = int | Int[np.ndarray, "*n"]


def no_pair_probability(d: int, k: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """Err_1, the probability that no two adjacent positions i-1, i with i >= k are both in the training set.

    The m = min(d, d-k+2) positions k-1 ... d count. Among them, comb(m-s+1, s) sets of size s have no two adjacent
    positions. By inclusion and exclusion over the members of such a set, sum_t (-1)^(s-t) comb(s, t) (d-m+t)^n of the
    d^n draws contain the whole set and no other of the m positions. The sum is computed in integers and divided once:

        Err_1 = sum_t [ sum_{s>=t} (-1)^(s-t) comb(m-s+1, s) comb(s, t) ] (d-m+t)^n / d^n

    Ref: wu2019, Lemma 5 (Err_1 of Figure 4, exactly)

    Errors: none but the rounding of the last division, for any n and d.
    """
    m = min(d, d - k + 2)
    sizes = range((m + 1) // 2 + 1)
    sets = [comb(m - s + 1, s) for s in sizes]
    terms = [sum((-1) ** (s - t) * sets[s] * comb(s, t) for s in sizes[t:]) for t in sizes]

    def probability(n: int) -> float:
        return sum(term * (d - m + t) ** n for t, term in enumerate(terms)) / d**n

    return for_each(probability, n_train)


def uncovered_error(d: int, k: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """Err_2, the second term of Theorem 4: 1/2 E_l Pr(every sample is k or more away from l), border terms included.

    Position l has min(k, l) - 1 positions nearer than k to its left, and min(k, d-l+1) - 1 to its right. The paper
    counts k + min(k, l, d-l+1) - 1 positions including l itself. The two numbers are the same if d >= 2k - 1.

    Ref: wu2019, Theorem 4 (Err_2, averaged over l)
    """
    position = np.arange(1, d + 1)
    near = np.minimum(k, position) + np.minimum(k, d - position + 1) - 1
    return np.asarray(0.5 * ((1 - near / d) ** np.asarray(n_train)[..., None]).mean(-1))


def uncovered_error_approximation(d: int, k: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """Err_2 in the paper's approximation, 1/2 ((d-2k+1)/d)^n: the error at a position far from both ends.

    Ref: wu2019, Section 3.3.1 (Err_2 of Figure 4)

    Holds for k much smaller than d; it is a lower bound of ``uncovered_error``.
    """
    return np.asarray(0.5 * (max(0, d - 2 * k + 1) / d) ** np.asarray(n_train))


def limit_error_bound(
    not_primitive: float | Float[np.ndarray, "*n"], d: int, k: int, n_train: Sizes
) -> Float[np.ndarray, "*n"]:
    """The upper bound of Theorem 4 on the expected error of the X-hinge limit: Pr(M_tr'M_tr is not primitive) + Err_2.

    ``not_primitive`` is that probability or a bound on it. By Lemma 5, ``no_pair_probability`` is such a bound.

    Ref: wu2019, Theorem 4

    Holds on Task-Cls.
    """
    return np.asarray(not_primitive + uncovered_error(d, k, n_train))


class Bases(NamedTuple):
    """The numbers b with which a term of Theorem 4 falls like (b / d)^n, up to a factor, as n grows."""

    err_1: int
    err_2: int
    err_2_approximation: int


def bases(d: int, k: int) -> Bases:
    """The bases of Err_1, of Err_2 and of the paper's approximation of Err_2, times d.

    A term is a sum of probabilities that all samples are in some set of positions. The largest such set decides.

    * Err_1: the largest set without an adjacent pair has all positions that do not count, d - m, and every second of
      the m = min(d, d-k+2) others. With k >= 2 this is k - 2 + ceil((d-k+2) / 2).
    * Err_2: the positions that are k or more away from position 1, which has the fewest neighbours: d - k.
    * In the approximation, all positions have the neighbours of an inner one: d - 2k + 1.

    Ref: wu2019, Section 3.3.1 (a lower order)
    """
    m = min(d, d - k + 2)
    return Bases(d - m + (m + 1) // 2, d - k, max(0, d - 2 * k + 1))


def for_each(probability: Callable[[int], float], n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """The probability at each sample size."""
    sizes = np.asarray(n_train)
    return np.array([probability(int(n)) for n in sizes.ravel()], dtype=float).reshape(sizes.shape)
