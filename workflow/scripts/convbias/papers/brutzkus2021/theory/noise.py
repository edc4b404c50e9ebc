"""Up to which noise the pattern detection task is linearly separable."""

from itertools import product

import numpy as np
from jaxtyping import Float

from convbias.papers.brutzkus2021.theory.detection_margin import full_support


def separable_noise(n: int) -> float:
    """The noise 1 / (sqrt(2) n) below which all inputs are linearly separable, and from which on they are not.

    Noise of norm up to eps is added to each pattern, in any direction. Take two inputs that differ only at place j: one
    has o_1 there, the other o_2. If w separates both from the boundary for all noise, then

        w[j].(o_1 - o_2) > 2 eps sum_i ||w[i]||,    so    sqrt(2) ||w[j]|| > 2 eps sum_i ||w[i]||

    The sum over the n places gives eps < 1 / (sqrt(2) n). A threshold b cancels in the difference, so it does not help.
    n copies of o_1 - o_2 separate all inputs if eps is smaller.

    Ref: brutzkus2021, Figure 3 (its caption)

    Holds for l >= 3 patterns and a ball of noise that contains the direction of o_1 - o_2.
    """
    return 1 / (2**0.5 * n)


def noisy_support(n: int, l: int, noise: float) -> Float[np.ndarray, "sample dim"]:
    """Rows y x of every input with noise against each sign: noise times s_j (o_1 - o_2) / sqrt(2) at place j.

    There are 2^n times as many rows as in ``full_support``.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    direction = np.zeros(l)
    direction[:2] = 0.5**0.5, -(0.5**0.5)
    away = np.array([np.kron(signs, direction) for signs in product((-1.0, 1.0), repeat=n)])
    clean = full_support(n, l)
    return (clean[:, None] + noise * away).reshape(-1, n * l)
