"""The shortest linear classifier of the pattern detection task with margin 1."""

from itertools import product

import numpy as np
from jaxtyping import Float


def full_support(n: int, l: int) -> Float[np.ndarray, "sample dim"]:
    """Rows y x of every x with positive probability: n places, patterns e_1 ... e_l, of which e_1 and e_2 discriminate.

    There are 2 n (l-2)^(n-1) rows of n l entries. Each row combines a sign, the place of the pattern of that sign, and
    a spurious pattern at each other place.

    Ref: brutzkus2021, Section 3

    Raises:
        ValueError: there is no place or no spurious pattern.
    """
    if n < 1 or l < 3:
        raise ValueError(f"n must be at least 1 and l at least 3, not {n} and {l}")
    patterns = np.eye(l)
    return np.array(
        [
            (1 - 2 * sign) * patterns[[*spurious[:place], sign, *spurious[place:]]].ravel()
            for sign, place, spurious in product(range(2), range(n), product(range(2, l), repeat=n - 1))
        ]
    )


def max_margin_norm(n: int) -> float:
    """min ||w||^2 s.t. y w.x >= 1 on the whole support, exactly: 2n.

    n copies of o_1 - o_2 reach this norm. No classifier is shorter: two points that differ only in the sign at place i
    give w[i].(o_1 - o_2) >= 2. As ||o_1 - o_2||^2 = 2, it follows that ||w[i]||^2 >= 2. The paper uses ||o_1 - o_2|| <=
    2.

    Ref: brutzkus2021, Proposition 6.1 (sharpened)
    """
    return 2.0 * n


def max_margin_norm_bound(n: int) -> float:
    """The lower bound n on that min ||w||^2.

    Ref: brutzkus2021, Proposition 6.1
    """
    return float(n)
