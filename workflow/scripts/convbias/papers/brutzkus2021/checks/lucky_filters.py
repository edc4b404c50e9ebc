"""How often both counts of lucky filters are within Lemma 5.2's bounds: exact, promised, and from random draws.

Ref: brutzkus2021, Lemma 5.2
"""

import numpy as np
from scipy.stats import binomtest

from convbias.checks import columns
from convbias.draws import stream
from convbias.papers.brutzkus2021.theory.lucky_filters import (
    draw_lucky_counts,
    lucky_bounds_failure,
    lucky_bounds_promised,
    lucky_probability,
)

SETTINGS = {"d": [(3, 50)], "draws": "count", "fewer_d": (3, 50)}


def curves(d: list[int], draws: int, fewer_d: int, root_seed: int) -> dict[str, list]:
    """For each d with k = 8 d^3 + 1, the smallest number of channels in Theorem 5.1.

    ``lucky_share`` is the mean proportion of filters that are lucky for a sign, from random draws. Its interval is the
    range of the middle 95 % of draws. ``lucky_probability`` is exact. ``outside`` is the exact probability that a count
    is out of bounds. ``outside_promised`` is the probability that the lemma allows, and ``outside_estimate`` the
    proportion of draws. These have l = d patterns.

    ``fewer_outside`` is the exact probability for d = ``fewer_d`` with each l from 3 to d, and ``fewer_promised`` what
    the lemma allows.
    """
    rows = []
    for size in d:
        k = 8 * size**3 + 1
        counts = draw_lucky_counts(size, k, draws, stream(root_seed, "lucky filters", "orthogonal", size, 0))
        outside = int(((counts < k / (4 * size)) | (counts > k / size)).any(1).sum())
        interval = binomtest(outside, draws).proportion_ci(0.95, "exact")
        low, high = np.quantile(counts / k, [0.025, 0.975])
        values = {
            "lucky_share": (counts.mean() / k, low, high),
            "lucky_probability": (lucky_probability(size),),
            "outside": (lucky_bounds_failure(size, k),),
            "outside_promised": (1 - lucky_bounds_promised(size),),
            "outside_estimate": (outside / draws, interval.low, interval.high),
        }
        for quantity, value in values.items():
            rows.append({"quantity": quantity, "d": size, "k": k, **dict(zip(("value", "low", "high"), value))})  # noqa: B905
    k = 8 * fewer_d**3 + 1
    for l in range(3, fewer_d + 1):
        values = {
            "fewer_outside": (lucky_bounds_failure(fewer_d, k, l),),
            "fewer_promised": (1 - lucky_bounds_promised(fewer_d),),
        }
        for quantity, value in values.items():
            rows.append({"quantity": quantity, "d": fewer_d, "l": l, "k": k, "value": value[0]})
    return columns(rows)
