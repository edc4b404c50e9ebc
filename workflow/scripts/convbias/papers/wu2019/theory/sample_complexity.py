"""The number of samples that a given error needs, from the second term of Theorem 4 alone."""

from math import log


def samples_needed(d: int, k: int, error: float) -> float:
    """The n_tr at which 1/2 ((d-2k+1)/d)^n is ``error``: log(1/2e) / (log d - log(d-2k+1)).

    With k = 1 it is that of Model-1-Layer. It falls about like 1/(2k-1) if k is much smaller than d.

    Ref: wu2019, Section 3.3.2 (sample complexity)

    Raises:
        ValueError: the error is not between 0 and 1/2, or 2k - 1 is not less than d.
    """
    if not 0 < error < 0.5:
        raise ValueError(f"error must be between 0 and 0.5, not {error}")
    if not 1 <= 2 * k - 1 < d:
        raise ValueError(f"k must be at least 1, with 2k - 1 < d = {d}, not {k}")
    return log(1 / (2 * error)) / (log(d) - log(d - 2 * k + 1))
