"""The terms of Theorem 4 at each sample size: exact, in the paper's approximation, and estimated from random draws."""

from typing import Any

import numpy as np
from scipy.stats import binomtest

from convbias.draws import stream as stream_of
from convbias.papers.wu2019.theory.neighbours import (
    bases,
    limit_error_bound,
    no_pair_probability,
    uncovered_error,
    uncovered_error_approximation,
)
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.primitive import gram, has_adjacent_pair, is_primitive

SETTINGS = {"d": (2, 1000), "k": "count", "n_train": [(1, 2000)], "draws": "count"}

CHUNK = 2**23  # entries of drawn data matrices in memory at a time


def curves(d: int, k: int, n_train: list[int], draws: int, root_seed: int) -> dict[str, Any]:
    """The columns of the theory table: exact quantities at every n up to the largest, and estimates at ``n_train``.

    ``err_1`` and ``err_2`` are the terms of Theorem 4; the first is computed by Lemma 5. ``bound`` is their sum.
    ``err_one_layer`` is the error of Model-1-Layer. ``not_primitive_estimate`` estimates the probability that err_1
    bounds. As n grows, ``<term>_base`` to the power of n is the order of a term. ``order_widest`` is the largest k, at
    this d, with which Err_1 is of lower order than the approximation of Err_2 (``_exact``: than Err_2).
    Estimates have a 95 % interval (Clopper and Pearson) in ``low`` and ``high``; exact quantities have none.

    Ref: wu2019, Figure 4
    """
    every = np.arange(1, max(n_train) + 1)
    err_1, err_2 = no_pair_probability(d, k, every), uncovered_error(d, k, every)
    exact = {
        "err_1": err_1,
        "err_2": err_2,
        "err_2_approximation": uncovered_error_approximation(d, k, every),
        "bound": limit_error_bound(err_1, d, k, every),
        "err_one_layer": one_layer_error(d, every),
    }
    rows: list[tuple] = [
        (name, n, value, None, None)
        for name, curve in exact.items()
        for n, value in zip(every.tolist(), curve.tolist(), strict=True)
    ]
    for n in n_train:
        for name, count in zip(
            ("err_1_estimate", "not_primitive_estimate"), counts(d, k, n, draws, root_seed), strict=True
        ):
            interval = binomtest(count, draws).proportion_ci(0.95, "exact")
            rows.append((name, n, count / draws, interval.low, interval.high))
    own = bases(d, k)
    rows += [(f"{name}_base", None, base / d, None, None) for name, base in own._asdict().items()]
    widest = [max((size for size in range(1, d + 1) if holds(d, size)), default=0) for holds in (lower, exactly_lower)]
    rows += [(f"order_widest{suffix}", None, k, None, None) for suffix, k in zip(("", "_exact"), widest, strict=True)]
    names = ("quantity", "n_train", "value", "low", "high")
    return {"d": d, "k": k, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))}


def lower(d: int, k: int) -> bool:
    """Whether Err_1 is of lower order than the paper's approximation of Err_2.

    Ref: wu2019, Section 3.3.1 (a lower order)
    """
    own = bases(d, k)
    return own.err_1 < own.err_2_approximation


def exactly_lower(d: int, k: int) -> bool:
    """Whether Err_1 is of lower order than Err_2 itself, border terms included.

    Ref: wu2019, Section 3.3.1 (a lower order)
    """
    own = bases(d, k)
    return own.err_1 < own.err_2


def counts(d: int, k: int, n_train: int, n_draws: int, root_seed: int) -> tuple[int, int]:
    """The number of drawn training sets of Task-Cls without an adjacent pair, and with M_tr'M_tr not primitive.

    Ref: wu2019, Section 3.3.1 (the empirical estimate of Err_1)
    """
    stream = stream_of(root_seed, "positions", "cls", n_train, 0)
    without_pair = not_primitive = 0
    chunk = max(1, CHUNK // (d * k + n_train))
    for first in range(0, n_draws, chunk):
        positions = stream.integers(d, size=(min(chunk, n_draws - first), n_train))
        seen = np.zeros((len(positions), d), dtype=bool)
        np.put_along_axis(seen, positions, True, axis=1)
        without_pair += int((~has_adjacent_pair(seen, k)).sum())
        not_primitive += int((~is_primitive(gram(seen, k))).sum())
    return without_pair, not_primitive
