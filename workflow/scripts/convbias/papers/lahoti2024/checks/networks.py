"""The excess risk of CNNs and LCNs that sum over patches, as the authors trained them.

Ref: lahoti2024, authors' response to the reviews (experiments)
"""

from itertools import product

import numpy as np

from convbias.checks import columns
from convbias.papers.lahoti2024.draws import draw
from convbias.papers.lahoti2024.theory.descent import smallest_risk
from convbias.papers.lahoti2024.theory.lsa import best_risk

SETTINGS = {
    "n_patterns": ["patterns_per_input"],
    "d": ["pattern_length"],
    "noise": ["positive"],
    "cnn_n_train": ["count"],
    "lcn_n_train": ["count"],
    "cnn_learning_rate": ["positive"],
    "lcn_learning_rate": ["positive"],
    "bias_rate": ["positive"],
    "steps": "count",
    "seeds": "count",
}


def curves(
    n_patterns: list[int],
    d: list[int],
    noise: list[int | float],
    cnn_n_train: list[int],
    lcn_n_train: list[int],
    cnn_learning_rate: list[int | float],
    lcn_learning_rate: list[int | float],
    bias_rate: list[int | float],
    steps: int,
    seeds: int,
    root_seed: int,
) -> dict[str, list]:
    """``cnn_excess`` and ``lcn_excess``: the risk minus that of the best network with the true filter.

    It is the smallest value over the rates and over the steps: the authors select by test error. A rate of the
    threshold is ``bias_rate`` times that of the filters. ``n_patterns``, ``d`` and ``noise`` have one value for each
    cell, or one for all.

    Raises:
        ValueError: these three have different numbers of values.
    """
    cells: tuple[list, ...] = (n_patterns, d, noise)
    sizes = [len(own) for own in cells]
    if len({*sizes} - {1}) > 1:
        named = dict(zip(("n_patterns", "d", "noise"), sizes, strict=True))
        raise ValueError(f"the numbers of values are {named}. Give one value, or one for each cell.")
    each = (own * (max(sizes) // len(own)) for own in cells)
    networks = {"cnn": (cnn_n_train, cnn_learning_rate), "lcn": (lcn_n_train, lcn_learning_rate)}
    rows: list[dict] = []
    for places, length, level in zip(*each, strict=True):
        best = best_risk(places, level)
        for model, (sizes_of_sets, rates) in networks.items():
            for n in sizes_of_sets:
                drawn = [draw(places, length, level, n, seed, root_seed) for seed in range(seeds)]
                x, y, W = (np.stack(arrays) for arrays in zip(*drawn, strict=True))
                W = W[:, :1] if model == "cnn" else W
                pairs = [(rate, rate * times) for rate, times in product(rates, bias_rate)]
                risks = [smallest_risk(x, y, W, level, *pair, steps) for pair in pairs]
                at = {"n_patterns": places, "d": length, "noise": level, "n_train": n, "quantity": f"{model}_excess"}
                rows += [{**at, "seed": s, "value": float(r - best)} for s, r in enumerate(np.min(risks, axis=0))]
    return columns(rows)
