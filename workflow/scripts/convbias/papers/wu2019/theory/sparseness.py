"""Training sets of Task-Cls from which Model-Conv-k generalises no better than Model-1-Layer."""

import numpy as np
from jaxtyping import Int


def is_sparse(positions: Int[np.ndarray, " n_train"], k: int) -> bool:
    """Proposition 6's condition: every position is at least k, and two different ones are 2k or more apart.

    Positions count from 1. Under this condition M_tr'M_tr is a multiple of the identity, so all singular values are
    equal. Near a sample, the output of the X-hinge limit is then the initial correlation of the filter with its shift.
    It is negative as often as positive.

    Ref: wu2019, Proposition 6
    """
    distinct = np.unique(positions)
    return bool(distinct[0] >= k and (np.diff(distinct) >= 2 * k).all())


def sparse_positions(d: int, k: int) -> Int[np.ndarray, " n_train"]:
    """The largest set that meets Proposition 6's condition, packed to the left: k, 3k, 5k, ..., counted from 1.

    Ref: wu2019, Proposition 6
    """
    return np.arange(k, d + 1, 2 * k)
