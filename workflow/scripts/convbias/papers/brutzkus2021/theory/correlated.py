"""Patterns that are not orthogonal: every two of them have the same inner product rho."""

import numpy as np
from jaxtyping import Float

from convbias.papers.brutzkus2021.theory.lucky_filters import LuckyFilters


def correlated(patterns: Float[np.ndarray, "l d"], rho: float) -> Float[np.ndarray, "l d"]:
    """Patterns with the Gram matrix (1 - rho) I + rho 11', from orthonormal ones.

    The symmetric square root of that matrix has the same form. It mixes the orthonormal patterns.

    Ref: brutzkus2021, Section 3 (the set O, which is orthogonal there)

    Raises:
        ValueError: rho is not between -1/(l-1) and 1, so there are no such patterns.
    """
    l = len(patterns)
    if not -1 / (l - 1) < rho < 1:
        raise ValueError(f"rho must be between -1/(l-1) = {-1 / (l - 1):.3g} and 1, not {rho}")
    own = (1 - rho) ** 0.5
    shared = ((1 + (l - 1) * rho) ** 0.5 - own) / l
    return own * patterns + shared * patterns.sum(0)


def lead(responses: Float[np.ndarray, "k l"], lucky: LuckyFilters) -> Float[np.ndarray, "lucky spurious"]:
    """w.o_1 - w.o_j for each filter of W+ and spurious j, then w.o_2 - w.o_j for each filter of W-.

    Under gradient descent on the first layer this never falls, whatever rho < 1 is. A positive sample adds a multiple
    of o_1 to a filter of W+, because o_1 is the maximiser there. This moves the lead by a multiple of 1 - rho. A
    negative sample subtracts a multiple of its maximiser o_i, with i != 1. This moves the lead by a multiple of
    G_ij - rho, which is 1 - rho if i = j, and else 0. So the maximiser stays, and the argument can be repeated.

    Ref: brutzkus2021, Lemma 5.3; Corollary 5.4 (both extended)
    """
    parts = [responses[mine, own, None] - responses[mine, 2:] for own, mine in enumerate(lucky)]
    return np.concatenate(parts)


def predicted_growth(positive: float, rho: float) -> float:
    """The smaller of (pi_+ - rho pi_-) / 2 and (pi_- - rho pi_+) / 2, with pi_+ the share of positive samples.

    While outputs are small, a step adds eta_1 / 2 times pi_+ o_1 to a filter of W+. If each negative sample has a
    positive response, the step also subtracts eta_1 / 2 times pi_- in the direction of other patterns. Each of them has
    the inner product rho with o_1. So w.o_1 / (t eta_1) is at least about the first number for rho >= 0. For W-, the
    signs change roles. Below 0, a lucky filter can stop to respond to its pattern.

    Ref: brutzkus2021, Lemma 5.3 (extended)
    """
    return min(positive - rho * (1 - positive), 1 - positive - rho * positive) / 2
