"""The exact VC dimension of the convolutional network with max-pooling, with any number of channels."""

from itertools import combinations, product
from math import comb

import numpy as np
from jaxtyping import Int

from convbias.papers.brutzkus2021.theory.shattering import network_output

PRIME = 2**31 - 1  # the product of two remainders fits into 64 bits


def vc_dimension(n: int, l: int) -> int:
    """The VC dimension on the support of D, the number of sets of patterns that an input can have. For n >= 2,

        VCdim = 2 sum_{s=1}^{min(n-1, l-2)} C(l-2, s)

    An input has o_1 or o_2, and s different spurious patterns at its other n-1 places. With one place there is no other
    pattern, and VCdim = 2.

    Proof. N(x) depends only on the set P of patterns of x, because max_j relu(w.x[j]) is the maximum over P. Two inputs
    with the same set have the same label, so no shattered set is larger than the number of sets. For the other
    direction, take a filter w_T = sum_{o in T} o for each non-empty set T of patterns. Its feature is 1[P meets T], as
    patterns are orthonormal. The matrix M = 1[P meets T] over all non-empty sets is not singular; in fact |det M| = 1.
    To see this, let D = 1[P and T are disjoint], over all sets. It is the l-fold Kronecker power of [[1, 1], [1, 0]],
    so |det D| = 1. Its row of the empty set is all ones. Subtract this row from the others: what is left of them is -M,
    and 0 in the column of the empty set. So |det D| = |det M|. Every function of P is therefore the output of some
    network. One input for each set is shattered with outputs of exactly +1 and -1, so sign(0) is never used.

    For l = d = 2n >= 4 this is 4^(n-1) + C(2n-2, n-1) - 2. The binomial is at least 2, so this is at least 4^(n-1) =
    (2^(d/2-1))^2, the square of the bound of Theorem 4.2.

    The domain matters: on all of R^(n d) with d >= 2, the VC dimension is infinite. Take inputs with n equal patterns,
    each a unit vector, on half a circle. The features relu(w.u) have a kink at any place, so they interpolate any
    values.

    Ref: brutzkus2021, Theorem 4.2 (the exact value); Definition 4.1

    Raises:
        ValueError: there is no place or no spurious pattern.
    """
    if n < 1 or l < 3:
        raise ValueError(f"n must be at least 1 and l at least 3, not {n} and {l}")
    return 2 * sum(comb(l - 2, s) for s in range(min(1, n - 1), min(n - 1, l - 2) + 1))


def vc_dimension_of_sequences(n: int, l: int) -> int:
    """The VC dimension if an input may be any sequence of n of the l patterns: sum_{s=1}^{min(n, l)} C(l, s).

    The proof is that of ``vc_dimension``. The paper's domain is the support of D, and its shattered points are in it.

    Ref: brutzkus2021, Section 4 (without the restriction to the support of D)
    """
    return sum(comb(l, s) for s in range(1, min(n, l) + 1))


def vc_bound(d: int) -> float:
    """The lower bound 2^(d/2-1) on the VC dimension, for l = d = 2n patterns.

    Ref: brutzkus2021, Theorem 4.2
    """
    return 2.0 ** (d / 2 - 1)


def drawn_inputs(n: int, l: int, any_sequence: bool = False) -> Int[np.ndarray, "sample n"]:
    """Every input as indices of patterns from 0: those of the support of D, or all sequences of n patterns."""
    if any_sequence:
        return np.array(list(product(range(l), repeat=n)))
    return np.array(
        [
            [*others[:place], sign, *others[place:]]
            for sign, place, others in product(range(2), range(n), product(range(2, l), repeat=n - 1))
        ]
    )


def set_features(drawn: Int[np.ndarray, "sample n"], l: int) -> Int[np.ndarray, "sample set"]:
    """The features max_j relu(w_T . x[j]) of the filters w_T of ``vc_dimension``, from the network itself.

    Ref: brutzkus2021, Equation 1
    """
    patterns = np.eye(l)
    sets = [list(some) for size in range(1, l + 1) for some in combinations(range(l), size)]
    filters = np.array([patterns[some].sum(0) for some in sets])
    return network_output(patterns[drawn], filters[:, None], np.ones(1)).T.astype(np.int64)


def rank_modulo(matrix: Int[np.ndarray, "row column"]) -> int:
    """The rank modulo the prime 2^31 - 1. The rank of the integer matrix is not smaller.

    A minor that is not 0 modulo a prime is not 0. So if this rank is the number of rows, it is exact.
    """
    rows, rank = matrix % PRIME, 0
    for column in range(matrix.shape[1]):
        pivots = np.flatnonzero(rows[rank:, column])
        if not len(pivots):
            continue
        first = rank + pivots[0]
        rows[[rank, first]] = rows[[first, rank]]
        rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, PRIME) % PRIME
        below = rows[rank + 1 :]
        below -= below[:, [column]] * rows[rank] % PRIME
        below %= PRIME
        rank += 1
        if rank == len(rows):
            break
    return rank


def determinant(matrix: Int[np.ndarray, "row row"]) -> int:
    """The exact determinant of an integer matrix by Bareiss' elimination, whose divisions have no remainder."""
    rows = [[int(entry) for entry in row] for row in matrix]
    sign, previous = 1, 1
    for k in range(len(rows) - 1):
        swap = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if swap is None:
            return 0
        if swap != k:
            rows[k], rows[swap], sign = rows[swap], rows[k], -sign
        for i in range(k + 1, len(rows)):
            rows[i] = [
                (own * rows[k][k] - rows[i][k] * pivot) // previous for own, pivot in zip(rows[i], rows[k], strict=True)
            ]
        previous = rows[k][k]
    return sign * rows[-1][-1]


def proof_matrix(points: Int[np.ndarray, "point n"], d: int) -> Int[np.ndarray, "point point"]:
    """The features of the proof's filters on the points of Theorem 4.2: the matrix of Equation 5, its rows permuted.

    The filter of I is the sum of the spurious patterns of x_I. Its feature is 1 on every point but that of the
    complement of I. With m = 2^(n-1) points, the matrix is all ones minus a permutation. Its determinant is

        |det| = m - 1 = 2^(n-1) - 1

    because all ones has the eigenvalue m once and else 0. For n >= 2 it is not 0, so the network reaches every
    labelling.

    Ref: brutzkus2021, Equation 5
    """
    inputs = np.eye(d)[points]
    return network_output(inputs, inputs[:, None, :-1].sum(2), np.ones(1)).T.astype(np.int64)
