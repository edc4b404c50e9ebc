"""Networks without noise as functions of the set of patterns in an input: all their outputs, and the exact test error.

Sets are numbers, as in ``bad_erm``: bit 0 is o_1, bit 1 is o_2, and the other bits are the spurious patterns.
"""

from functools import cache
from math import comb

import numpy as np
from jaxtyping import Bool, Float, Int

from convbias.papers.brutzkus2021.theory.bad_erm import outputs_of_sets
from convbias.papers.brutzkus2021.theory.lucky_filters import LuckyFilters


def members(drawn: Int[np.ndarray, "sample place"], l: int) -> Bool[np.ndarray, "sample l"]:
    """Which of the l patterns each input contains."""
    return np.asarray((drawn[:, :, None] == np.arange(l)).any(1))


def pooled(responses: Float[np.ndarray, "k l"], inputs: Bool[np.ndarray, "sample l"]) -> Float[np.ndarray, "sample k"]:
    """The features z_i(x): the largest response of filter i to a pattern of x, or 0 if none is positive.

    Ref: brutzkus2021, Equation 3
    """
    return np.stack([responses[:, own].max(1, initial=0) for own in inputs])


def set_outputs(responses: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"]) -> Float[np.ndarray, " set"]:
    """N(x) of any ConvPool network for all 2^l sets of patterns at once.

    With r_1 >= r_2 >= ... the positive parts of the responses of a filter in falling order, r_{l+1} = 0, and T_t the t
    patterns with the largest responses,

        max_{o in P} r(o) = sum_t (r_t - r_{t+1}) 1[P meets T_t]

    So the network is one of ``bad_erm``, with the weight a_i (r_t - r_{t+1}) on the filter of the set T_t.

    Ref: brutzkus2021, Equation 1

    Errors: rounding. Time grows like k l + l 2^l, and memory like 2^l.
    """
    order = np.argsort(-responses, axis=1)
    sorted_responses = np.maximum(np.take_along_axis(responses, order, 1), 0)
    weights = -np.diff(sorted_responses, axis=1, append=0) * a[:, None]
    level_sets = np.cumsum(1 << order, axis=1)
    return outputs_of_sets(np.bincount(level_sets.ravel(), weights.ravel(), minlength=1 << responses.shape[1]))


@cache
def sizes_of_sets(n_spurious: int) -> Int[np.ndarray, " set"]:
    """The number of patterns in each set of spurious patterns."""
    return np.array([number.bit_count() for number in range(1 << n_spurious)])


@cache
def set_probabilities(l: int, n: int) -> Float[np.ndarray, " set"]:
    """Pr(S) of each set S of spurious patterns in an input of n patterns: n - 1 uniform draws from l - 2.

        Pr(S) = (number of maps from n - 1 places onto S) / (l - 2)^(n-1)

    Ref: brutzkus2021, Section 3 (the distribution D)

    Errors: the last bit, because the counts are whole numbers.
    """
    q = l - 2
    onto = [sum((-1) ** (s - t) * comb(s, t) * t ** (n - 1) for t in range(s + 1)) for s in range(q + 1)]
    return np.array([count / q ** (n - 1) for count in onto])[sizes_of_sets(q)]


def test_error(responses: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"], n: int) -> float:
    """The exact probability that the network errs on an input of D; an output of 0 counts as negative.

        1/2 sum_S Pr(S) (1[N({o_1} + S) <= 0] + 1[N({o_2} + S) > 0])

    Ref: brutzkus2021, Section 3 (footnote 2)
    """
    positive, negative = _outputs_by_class(responses, a)
    return float(set_probabilities(responses.shape[1], n) @ ((positive <= 0).astype(float) + (negative > 0))) / 2


test_error.__test__ = False  # type: ignore[attr-defined]  # pytest must not collect it


def exact_margin(responses: Float[np.ndarray, "k l"], lucky: LuckyFilters, weight: float, n: int) -> float:
    """The least y v*.z(x) over all inputs x of D with n patterns, set by set.

    Ref: brutzkus2021, Appendix E
    """
    v = weight * (lucky.positive.astype(float) - lucky.negative)
    sizes = sizes_of_sets(responses.shape[1] - 2)
    possible = (sizes <= n - 1) & (sizes >= min(1, n - 1))
    positive, negative = _outputs_by_class(responses, v)
    return float(min(positive[possible].min(), (-negative[possible]).min()))


def _outputs_by_class(
    responses: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"]
) -> tuple[Float[np.ndarray, " set"], Float[np.ndarray, " set"]]:
    """The outputs for o_1 with each set of spurious patterns, and for o_2 with each."""
    outputs = set_outputs(responses, a)
    return outputs[1::4], outputs[2::4]


def one_class_error(m: int) -> float:
    """The part of the mean test error that comes from one class in S_2: 2^-floor(m/2).

    S_2 has floor(m/2) samples, so it has one class y with probability 2^(1 - floor(m/2)). Features are not negative,
    and there is no intercept. The second layer of the largest margin is then a_hat = y sum_i c_i z(x_i) with c_i >= 0,
    so y N(x) = sum_i c_i z(x_i).z(x) >= 0 for every x. The network errs on the other class, which is half of D.

    Ref: brutzkus2021, Equation 24 (few samples)

    Holds if no output is 0, as one is if no filter responds to both x and S_2.
    """
    return 2.0 ** -(m // 2)
