"""Exact probabilities and errors of the X-hinge limit on Task-Cls, over all training sets, by a transfer matrix.

Whether M_tr'M_tr is primitive, and the bounds on the error, depend on the set of positions with samples. Sets are
counted by size: if N_s sets of s positions have a property, so do N_s surj(n, s) of the d^n draws of n samples. Here
surj(n, s) is the number of maps from n samples onto s positions.

Sets grow position by position. A state holds which of the last positions have samples, and the components of the
columns so far. A polynomial, with one term for each size, is stored as one integer: its value at 2^bits, where bits is
so large that no coefficient reaches 2^bits.
"""

from collections import defaultdict
from functools import cache
from math import comb

import numpy as np
from jaxtyping import Float

from convbias.papers.wu2019.theory.components import (
    Partition,
    bounds_at,
    first_component,
    join,
    translates,
    without_broken,
)
from convbias.papers.wu2019.theory.neighbours import Sizes, for_each, uncovered_error


def not_primitive_probability(d: int, k: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """The probability that M_tr'M_tr is not primitive, the first term of Theorem 4, exactly.

    Ref: wu2019, Theorem 4 (its first term)

    Errors: none but the rounding of the last division.
    """
    return _mean(not_primitive_sets(d, k), d, 1, n_train)


def limit_error(d: int, k: int, n_train: Sizes) -> tuple[Float[np.ndarray, "*n"], Float[np.ndarray, "*n"]]:
    """Bounds on E_inf, the expected error of the X-hinge limit over training sets and initial weights.

    It is Err_2 plus the errors at positions with a sample nearer than k, which only training sets with M_tr'M_tr not
    primitive have. The bounds differ by the training sets with sigma_1 degenerate (``components.limit``).

    Ref: wu2019, Theorem 4 (as an equality)

    Errors: none but rounding.
    """
    far, unit = uncovered_error(d, k, n_train), d * 2**k
    low, high = (np.asarray(far + _mean(sums, d, unit, n_train)) for sums in near_errors(d, k))
    return low, high


def _mean(sums: list[int], d: int, unit: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """sum_s sums[s] surj(n, s) / d^n / unit, with surj(n, s) = sum_t (-1)^(s-t) comb(s, t) t^n."""
    terms = [sum((-1) ** (s - t) * comb(s, t) * sums[s] for s in range(t, len(sums))) for t in range(len(sums))]
    return for_each(lambda n: sum(term * t**n for t, term in enumerate(terms)) / (d**n * unit), n_train)


def _coefficients(value: int, bits: int) -> list[int]:
    """The coefficients of a polynomial from its value at 2^bits, the constant term first."""
    return [value >> shift & (2**bits - 1) for shift in range(0, value.bit_length(), bits)]


@cache
def final_states(d: int, k: int) -> dict[tuple[int, Partition], int]:
    """For each last state with more than one component, the polynomial of the sets that lead there, with d + 1 bits."""
    states = {(0, tuple(range(k))): 1}
    for position in range(d):
        following: dict[tuple[int, Partition], int] = defaultdict(int)
        for (recent, parts), sets in states.items():
            older = recent << 1 & (2 ** (k - 1) - 1)
            following[older, parts] += sets
            joined = join(parts, recent, position)
            if any(joined):
                following[older | 1, joined] += sets << (d + 1)
        states = following
    return states


def not_primitive_sets(d: int, k: int) -> list[int]:
    """The number of sets of 0, 1, 2 ... positions for which M_tr'M_tr is not primitive.

    Ref: wu2019, Section 3.3.1
    """
    return _coefficients(sum(final_states(d, k).values()), d + 1)


@cache
def near_errors(d: int, k: int) -> tuple[list[int], list[int]]:
    """For each size, the sums of both ``bounds_at`` over sets with M_tr'M_tr not primitive and positions near a sample.

    The unit is 2^-k. The error at a position depends on the final component of column 0 and its shifts. So each final
    partition has its own sum, over the sets whose components stay within its components.

    Ref: wu2019, Theorem 4
    """
    bits = d + (d * 2**k).bit_length()
    sums = [_near_errors(final, d, k, bits) for final in {parts for _, parts in final_states(d, k)}]
    low, high = (_coefficients(sum(ends), bits) for ends in zip(*sums, strict=True)) if sums else ([], [])
    return low, high


def _near_errors(final: Partition, d: int, k: int, bits: int) -> tuple[int, int]:
    """The two polynomials of the sets with this final partition; a state has three: the sets and the two sums.

    A position is summed k - 1 positions later, when all positions nearer than k are known.
    """
    columns = first_component(final)
    states = {(0, tuple(range(k)), translates(final)): (1, 0, 0)}
    for position in range(d + k - 1):
        following: dict[tuple[int, Partition, tuple[int, ...]], tuple[int, int, int]] = {}
        for (recent, parts, shifts), before in states.items():
            for sample in (0, 1) if position < d else (0,):
                joined, tied = parts, shifts
                if sample:
                    joined, tied = join(parts, recent, position), without_broken(shifts, columns, position)
                if any(final[part] != final[column] for column, part in enumerate(joined)):
                    continue
                sets, low, high = (value << bits * sample for value in before)
                window = recent << 1 | sample  # bit i: position - i
                near = tuple(k - 1 - i for i in range(2 * k - 1) if window >> i & 1)
                if near and position >= k - 1:
                    least, largest = bounds_at(columns, tied, near, min(position - k + 1, k))
                    low, high = low + sets * int(2**k * least), high + sets * int(2**k * largest)
                key = window & 2 ** (2 * k - 2) - 1, joined, tied
                others = following.get(key, (0, 0, 0))
                following[key] = sets + others[0], low + others[1], high + others[2]
        states = following
    ends = [sums for (_, parts, _), sums in states.items() if parts == final]
    return sum(low for _, low, _ in ends), sum(high for _, _, high in ends)
