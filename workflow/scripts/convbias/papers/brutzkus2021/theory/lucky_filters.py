"""Lucky filters detect a discriminative pattern from the start, and their second weight has the right sign."""

from math import exp
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.stats import binom

CHUNK = 2**23  # entries of drawn filters in memory at a time


class LuckyFilters(NamedTuple):
    """Whether each filter is in W+ and A+, and whether it is in W- and A-. No filter is in both."""

    positive: Bool[np.ndarray, " k"]
    negative: Bool[np.ndarray, " k"]


def is_lucky(w: Float[np.ndarray, "k d"], a: Float[np.ndarray, " k"]) -> LuckyFilters:
    """Whether filters respond most to o_1 of all patterns but o_2, and positively, with a = 1; and the same for o_2.

        W+ = {i : argmax_{l != 2} w_i . o_l = 1, w_i . o_1 > 0},  A+ = {i : a_i = 1}

    ``w`` holds the responses w_i . o_l to d orthonormal patterns. A filter is not lucky if another pattern ties.

    Ref: brutzkus2021, Equation 6
    """
    others = w[:, 2:].max(1, initial=0)
    return LuckyFilters((a == 1) & (w[:, 0] > others), (a == -1) & (w[:, 1] > others))


def lucky_probability(l: int) -> float:
    """Pr(a filter is in W+ and A+) = (1 - 2^(1-l)) / (2(l-1)), and the same for W- and A-.

    The responses of a filter to l orthonormal patterns have the same law in any order and with any signs, whatever the
    dimension d >= l. The paper's proof takes l = d.

    Ref: brutzkus2021, Lemma 5.2 (its proof)

    Holds for l >= 2 orthonormal patterns, and filters uniform on the sphere.
    """
    return (1 - 2.0 ** (1 - l)) / (2 * (l - 1))


def lucky_bounds_failure(d: int, k: int, l: int | None = None) -> float:
    """Pr(one of the two counts of lucky filters among k is not in [k/4d, k/d]), exactly, with l patterns (d if None).

    No filter is lucky for both signs, so the counts (X, Y) are multinomial, with p = ``lucky_probability``:

        Pr(X outside) + sum_{x inside} Pr(X = x) Pr(Y outside | X = x),  Y | X = x ~ Binomial(k - x, p / (1 - p))

    Ref: brutzkus2021, Lemma 5.2

    Errors: below 1e-9, relatively, down to the smallest numbers; 1 less the probability would hold 1e-16 at best.
    """
    p, low, high = lucky_probability(l or d), -(-k // (4 * d)), k // d
    x = np.arange(low, high + 1)
    missed = binom.cdf(low - 1, k - x, p / (1 - p)) + binom.sf(high, k - x, p / (1 - p))
    return float(binom.cdf(low - 1, k, p) + binom.sf(high, k, p) + binom.pmf(x, k, p) @ missed)


def lucky_bounds_probability(d: int, k: int) -> float:
    """Pr(both counts of lucky filters among k are in [k/4d, k/d]), exactly.

    Ref: brutzkus2021, Lemma 5.2

    Errors: rounding, up to 1e-16 from 1; ``lucky_bounds_failure`` has none of it.
    """
    return 1 - lucky_bounds_failure(d, k)


def lucky_bounds_promised(d: int) -> float:
    """The lemma's lower bound on that probability: 1 - 4 e^-d.

    Ref: brutzkus2021, Lemma 5.2

    Holds for k >= 8 d^3, as Theorem 5.1 assumes.
    """
    return 1 - 4 * exp(-d)


def draw_lucky_counts(d: int, k: int, n_draws: int, rng: np.random.Generator) -> Int[np.ndarray, "draw 2"]:
    """The two counts of lucky filters in each of ``n_draws`` initialisations of k filters.

    Whether a filter is lucky does not depend on its length. So a Gaussian vector can represent its direction, which is
    uniform on the sphere.

    Ref: brutzkus2021, Lemma 5.2 (by drawing)
    """
    counts = np.zeros((n_draws, 2), dtype=np.int64)
    chunk = max(1, CHUNK // (d + 1))
    for first in range(0, n_draws * k, chunk):
        draw = np.arange(first, min(first + chunk, n_draws * k)) // k
        drawn = rng.normal(size=(len(draw), d + 1))
        for sign, lucky in enumerate(is_lucky(drawn[:, :d], np.sign(drawn[:, d]))):
            counts[:, sign] += np.bincount(draw[lucky], minlength=n_draws)
    return counts
