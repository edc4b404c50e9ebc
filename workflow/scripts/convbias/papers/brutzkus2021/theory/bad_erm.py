"""A network without training errors that errs on every input with an unseen set of patterns."""

import numpy as np
from jaxtyping import Float, Int


def subset_sums(values: Float[np.ndarray, " set"], sign: int = 1) -> Float[np.ndarray, " set"]:
    """The sum over all subsets of each set (zeta transform); with ``sign`` -1 its inverse (Moebius transform).

    Sets are numbers: bit i stands for pattern i.
    """
    sums = values.copy()
    for bit in range(len(values).bit_length() - 1):
        pairs = sums.reshape(-1, 2, 1 << bit)
        pairs[:, 1] += sign * pairs[:, 0]
    return sums


def weights_of_sets(wanted: Float[np.ndarray, " set"]) -> Float[np.ndarray, " set"]:
    """The second layer a of a network whose output is ``wanted`` on each set of patterns.

    The network has a filter w_T = sum_{o in T} o for each set T of patterns. Its feature is 1 if an input has a pattern
    of T, and otherwise 0. With P the set of patterns of an input, and its complement P^c,

        N(x) = sum_{T meets P} a_T = g(all) - g(P^c),    g(Q) = sum_{T in Q} a_T

    So g(Q) = wanted(all) - wanted(Q^c) solves this, and a is the Moebius transform of g. Any function of the set of
    patterns is therefore a network of Equation 1. No input has the empty set, whose output is 0.

    Ref: brutzkus2021, Equation 1; Section 4 (can thus potentially overfit badly)
    """
    g = wanted[-1] - wanted[::-1]  # the complement of set i is set 2^l - 1 - i
    g[-1] = wanted[-1]
    return subset_sums(g, -1)


def outputs_of_sets(a: Float[np.ndarray, " set"]) -> Float[np.ndarray, " set"]:
    """N(x) for each set of patterns, from the second layer of that network.

    Ref: brutzkus2021, Equation 1
    """
    g = subset_sums(a)
    return g[-1] - g[::-1]


def pattern_sets(drawn: Int[np.ndarray, "sample place"]) -> Int[np.ndarray, " sample"]:
    """The set of patterns of each input as a number."""
    return np.bitwise_or.reduce(1 << drawn.astype(np.int64), axis=1)
