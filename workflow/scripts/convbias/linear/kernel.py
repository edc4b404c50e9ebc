"""The loop that trains one network, which numba compiles.

A network reads nothing of another one, and all sums have a fixed order. Fast arithmetic, which could merge or reorder
operations, is off. The bits of a network therefore depend neither on other networks nor on the kind of CPU.
"""

from collections.abc import Callable
from math import inf, ldexp
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt32

from convbias.linear import losses, models

GOING, ZERO_LOSS, DIVERGED = range(3)
PERIOD = 16  # steps between two looks at the size of the weights
LARGE, DOWN = 2.0**320, 64  # weights above LARGE are divided by 2^DOWN, if a step is linear in them
SMALL = 2.0**-800  # smaller weights are not divided: the large ones do not depend on them, and they keep their sign
MOST = 1000  # weights that never moved are divided by 2^MOST at most, lest they become 0
MANY = 2  # with more entries of samples than this times d, only some samples are looked at
SOON, LATE = 16, 64  # so many steps between two choices of these samples


class Networks(NamedTuple):
    """Networks in training, one per row, in the order in which the compiled loop takes them.

    ``places``, ``signs`` and ``copies`` begin with the different samples, ``different`` of them: the positions and y x
    of their entries, and how often each was drawn. The samples behind them have 0 copies. ``seen`` begins with the
    positions of all samples, ``positions`` of them, in rising order. The weights, the effective weights ``w``,
    ``steps``, ``status`` and ``down`` change: weights that have moved have been divided by 2 to the power ``down``.
    """

    weights: Float[np.ndarray, "run stored"]
    start: Float[np.ndarray, "run stored"]
    w: Float[np.ndarray, "run d"]
    places: UInt32[np.ndarray, "run entries"]
    signs: Float[np.ndarray, "run entries"]
    copies: Float[np.ndarray, "run n_train"]
    different: Int[np.ndarray, " run"]
    seen: UInt32[np.ndarray, "run d"]
    positions: Int[np.ndarray, " run"]
    steps: Int[np.ndarray, " run"]
    status: Int[np.ndarray, " run"]
    down: Int[np.ndarray, " run"]


def training_loop(model: str, loss: str, k: int, entries: int, prepare: Callable) -> Callable:
    """Build the function that trains one network, for filter size k and inputs with so many non-zero ``entries``.

    Both are constants of the compiled code. ``prepare`` prepares a function for calls from compiled code.
    """
    the_model, the_loss = models.load(model), losses.load(loss)
    split, effective, step = (prepare(loop) for loop in the_model.make(k))
    slope = prepare(the_loss.slope)
    constant, vanishing = (kind == the_loss.SLOPE for kind in ("constant", "vanishing"))
    linear = constant and the_model.DEGREE == 2

    @prepare
    def descend(
        first: int,
        last: int,
        rate: float,
        weights: np.ndarray,
        start: np.ndarray,
        w: np.ndarray,
        places: np.ndarray,
        signs: np.ndarray,
        copies: np.ndarray,
        different: int,
        seen: np.ndarray,
        positions: int,
        down: int,
        numbers: np.ndarray,
        indices: np.ndarray,
    ) -> tuple[int, int, int]:
        """Gradient descent from step ``first`` to step ``last``, in which samples without a slope have no part.

        If there are many samples, only those are looked at whose slope could differ from 0 while no entry of w leaves
        an interval. When one does, the samples are chosen anew, so the result is that of looking at all.

        The weights of X-hinge grow without bound. A step is then linear in them, so they can be divided by a power of
        two, which is exact. Weights that never move have no part in a step, and are divided only for w.

        Args:
            rate: the learning rate divided by the size of the training set.
            weights: the weights at step ``first``, replaced by those at the end.
            start: the initial weights.
            w: replaced by the effective weights at the end.
            places, signs: positions and y x of the entries of the different samples, one after the other.
            copies, different: how often each sample is in the training set, and the number of different samples.
            seen, positions: the positions of all samples in rising order, and their number.
            down: the power of two by which weights that have moved were divided before.
            numbers, indices: working memory, of 4 d + stored floating-point numbers and d + 1 + n_train whole numbers.

        Returns:
            The steps taken, the status, and the new value of ``down``.
        """
        d, m = len(w), different * entries
        layers = split(weights, d)
        pull, low, high, spare = numbers[: 2 * d], numbers[2 * d : 3 * d], numbers[3 * d : 4 * d], numbers[4 * d :]
        where, watched = indices[: d + 1], indices[d + 1 :]
        for l in range(2 * d):
            pull[l] = 0.0
        for s in range(different):
            watched[s] = s
        watching, reach, age, near = vanishing and m > MANY * d, 0.0, 0, different
        pulled = 0
        for taken in range(first, last + 1):
            if taken % PERIOD == 0:
                large, finite = False, True
                for i in range(len(weights)):
                    large |= weights[i] != start[i] and abs(weights[i]) > LARGE
                    finite &= abs(weights[i]) < inf
                if not finite:
                    return taken, DIVERGED, down
                while linear and large:
                    large = False
                    down += DOWN
                    for i in range(len(weights)):
                        if weights[i] != start[i] and abs(weights[i]) > SMALL:
                            weights[i] = ldexp(weights[i], -DOWN)
                            large |= abs(weights[i]) > LARGE
            if taken in (first, last) or not constant:
                effective(layers, w)
                if linear and down > 0:
                    for i in range(len(weights)):
                        spare[i] = ldexp(weights[i], -min(down, MOST)) if weights[i] == start[i] else weights[i]
                    effective(split(spare, d), w)
                if watching:
                    age += 1
                    inside = reach > 0.0
                    for l in range(d):
                        inside &= low[l] <= w[l]
                        inside &= w[l] <= high[l]
                    if not inside:
                        reach = rate if reach == 0.0 else reach * (2.0 if age < SOON else 0.5 if age > LATE else 1.0)
                        age = near = 0
                        for l in range(d):
                            low[l] = w[l] - reach
                            high[l] = w[l] + reach
                        for s in range(different):
                            least = 0.0  # no margin in reach is smaller, in floating point too
                            for e in range(entries):
                                least += signs[s * entries + e] * w[places[s * entries + e]] - reach
                            watched[near] = s
                            near += slope(least) != 0.0
                for q in range(positions):
                    pull[seen[q]] = 0.0
                active = False
                for t in range(near):
                    s = watched[t]
                    margin = 0.0
                    for e in range(entries):
                        margin += signs[s * entries + e] * w[places[s * entries + e]]
                    amount = copies[s] * slope(margin)
                    active |= amount != 0.0
                    for e in range(entries):
                        pull[places[s * entries + e]] += amount * signs[s * entries + e]
                if vanishing and not active:
                    return taken, ZERO_LOSS, down
                pulled = 0
                for q in range(positions):
                    where[pulled] = seen[q]
                    pulled += pull[seen[q]] != 0.0
            if taken < last:
                step(layers, pull, where, pulled, rate, spare)
        return last, GOING, down

    return descend
