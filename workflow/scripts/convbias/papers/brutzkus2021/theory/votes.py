"""The first layer of Algorithm 1 as a count of votes: each sample votes for or against the pattern that it detects."""

import numpy as np
from jaxtyping import Bool, Float, Int


def votes(
    start: Float[np.ndarray, "k l"],
    inputs: Bool[np.ndarray, "sample l"],
    y: Int[np.ndarray, " sample"],
    a: Float[np.ndarray, " k"],
    steps: int,
) -> Float[np.ndarray, "k l"]:
    """The responses w_i . o_j after T_1 steps, in units of eta_1 / (2 m_1), where m_1 is the size of S_1.

    ``start`` holds the responses before training, in the same units. ``inputs`` says which patterns each sample of S_1
    contains. While |N(x)| is small, -l'(y N(x)) is 1/2. A step of gradient descent then adds

        a_i (N_ij^+ - N_ij^-),    N_ij^+- = number of positive (negative) x in S_1 with p_i(x) = o_j

    to the response of filter i to o_j. No sample votes if its filter has no positive response.

    These counts are whole numbers. If all |start| are below 1/2, only the order and the signs of the start matter: the
    dynamics has no scale, and is that of the limit of small initial weights. Theorem 5.1's r = eta_1 / 200 is m_1 / 100
    votes, so it is in this limit for m_1 < 50.

    Ref: brutzkus2021, Section 5; Equation 15 (the drift of the first layer)
    """
    cases, count = np.unique(np.column_stack([inputs, y]), axis=0, return_counts=True)
    own = [np.flatnonzero(case[:-1]) for case in cases]
    responses, filters = start.copy(), np.arange(len(start))
    for _ in range(steps):
        drift = np.zeros_like(responses)
        for patterns, vote in zip(own, cases[:, -1] * count, strict=True):
            first = patterns[responses[:, patterns].argmax(1)]
            active = responses[filters, first] > 0
            drift[filters[active], first[active]] += vote
        responses += np.sign(a)[:, None] * drift
    return responses


def one_vote(eta_1: float, m_1: int) -> float:
    """What one sample of S_1 adds to a response in one step: eta_1 / (2 m_1)."""
    return eta_1 / (2 * m_1)


def expected_detectors(before: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"]) -> Bool[np.ndarray, " k"]:
    """The simple rule: a filter becomes a detector exactly if it responds positively to its own pattern at the start.

    Ref: brutzkus2021, Section 5 (detect the discriminative patterns)
    """
    return np.asarray(before[np.arange(len(before)), np.where(a > 0, 0, 1)] > 0)
