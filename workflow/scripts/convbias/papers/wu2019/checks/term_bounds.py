"""The bounds and the approximation that Section 3.3.1 derives for the two terms of Theorem 4, against exact numbers.

Ref: wu2019, Section 3.3.1
"""

import numpy as np
from jaxtyping import Float, Int

from convbias.checks import columns
from convbias.papers.wu2019.theory.neighbours import (
    no_pair_probability,
    uncovered_error,
    uncovered_error_approximation,
)

SETTINGS = {"d": (2, 1000), "k": "count", "n_train": [(1, 2000)], "small_d": (1, 60)}


def curves(d: int, k: int, n_train: list[int], small_d: int, root_seed: int) -> dict[str, list]:
    """Counts of the first bound, and the values of the others at each of ``n_train``.

    * ``looser_bound``: a case is a position l, for every k and every length up to ``small_d``, and for this d and k. It
      is a violation if more than d - k positions are k or more away from l. These counts to the power of n give Err_2.
    * ``err_2`` and ``err_2_approximation``: the term and its approximation.
    * ``err_1`` and ``err_1_product``: the probability of no adjacent pair, and the product that is to bound it.

    Ref: wu2019, Section 3.3.1
    """
    violations = []
    for length in range(1, small_d + 1):
        for size in range(1, length + 1):
            violations += [count > length - size for count in far_positions(length, size)]
    violations += [count > d - k for count in far_positions(d, k)]
    rows = [
        {"quantity": f"looser_bound_{name}", "value": value}
        for name, value in (("cases", len(violations)), ("violations", sum(violations)))
    ]
    sizes = np.array(n_train)
    quantities = {
        "err_2": uncovered_error(d, k, sizes),
        "err_2_approximation": uncovered_error_approximation(d, k, sizes),
        "err_1": no_pair_probability(d, k, sizes),
        "err_1_product": no_pair_product(d, sizes),
    }
    for name, values in quantities.items():
        for n, value in zip(n_train, values.tolist(), strict=True):
            rows.append({"quantity": name, "d": d, "k": k, "n_train": n, "value": value})
    return columns(rows)


def far_positions(d: int, k: int) -> list[int]:
    """For each position l, the number of positions l' with abs(l' - l) >= k.

    Ref: wu2019, Section 3.3.1 (the second quantity)
    """
    places = np.arange(d)
    return (abs(places[:, None] - places) >= k).sum(axis=1).tolist()


def no_pair_product(d: int, n_train: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The rough bound on the probability of no adjacent pair: the product over i = 1 ... n of (d - s_i) / d.

    s_i = d (1 - (1 - 1/d)^i) is the expected number of different positions among i draws. So the product is
    (1 - 1/d)^(n (n + 1) / 2).

    Ref: wu2019, Section 3.3.1 (a rough intuition, with s_i for the printed s_n)

    Errors: a product below 1e-308 is 0.
    """
    sizes = np.asarray(n_train, dtype=float)
    return (1 - 1 / d) ** (sizes * (sizes + 1) / 2)
