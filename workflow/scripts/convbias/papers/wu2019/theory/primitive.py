"""When M_tr'M_tr is primitive, so that its top singular pair is unique and positive (Perron-Frobenius)."""

import numpy as np
from jaxtyping import Bool, Num


def gram(seen: Bool[np.ndarray, "run d"], k: int) -> Num[np.ndarray, "run k k"]:
    """M_tr'M_tr on Task-Cls, times n_tr^2, if each position of the training set was drawn once.

    Other numbers of draws change the entries, but not which of them are positive.

    Ref: wu2019, Section 3.3.1
    """
    columns = np.stack([np.pad(seen[:, j:], ((0, 0), (0, j))) for j in range(k)], axis=1).astype(np.float32)
    return columns @ columns.transpose(0, 2, 1)


def is_primitive(matrix: Num[np.ndarray, "*run k k"]) -> Bool[np.ndarray, "*run"]:
    """Whether some power of a non-negative square matrix has no zero.

    If some power has none, then so have all powers from the (k-1)^2 + 1st on (Wielandt). So it is enough to square the
    pattern until then.

    Ref: wu2019, Definition 3
    """
    k, pattern, power = matrix.shape[-1], matrix > 0, 1
    while power < (k - 1) ** 2 + 1:
        pattern, power = pattern @ pattern, 2 * power
    return np.asarray(pattern.all((-2, -1)))


def has_adjacent_pair(seen: Bool[np.ndarray, "run d"], k: int) -> Bool[np.ndarray, " run"]:
    """Lemma 5's event: positions i-1 and i are both in the training set for some i with k <= i <= d.

    This event makes M_tr'M_tr primitive.

    Ref: wu2019, Lemma 5
    """
    first = max(k - 2, 0)  # position k-1, counted from 0
    return (seen[:, first:-1] & seen[:, first + 1 :]).any(1)
