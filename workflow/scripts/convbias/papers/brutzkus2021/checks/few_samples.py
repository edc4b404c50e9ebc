"""The exact test error of Algorithm 1 on few samples, and its prediction from other filters that count votes.

Ref: brutzkus2021, Theorem 5.1; Equation 24 (few samples)
"""

import numpy as np

from convbias.checks import columns
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.first_layers import train
from convbias.papers.brutzkus2021.theory.pattern_sets import pooled, test_error

SETTINGS = {
    "d": [(3, 20)],
    "n_patterns": "patterns_per_input",
    "n_train": [(2, 10_000)],
    "first_layer_steps": "count",
    "filters": "count",
    "seeds": "count",
}


def curves(
    d: list[int], n_patterns: int, n_train: list[int], first_layer_steps: int, filters: int, seeds: int, root_seed: int
) -> dict[str, list]:
    """For each d = l with k = 8 d^3 + 1 channels, each m and each seed, in the limit of the second layer's training:

    * ``few_error``: the exact test error of the trained network.
    * ``few_predicted``: that of ``filters`` other filters, whose first layer counts the votes of S_1.
    * ``few_one_class``: 1 if S_2 has one class only.
    """
    rows = []
    for size in d:
        k = 8 * size**3 + 1
        for m in n_train:
            for seed in range(seeds):
                found = _one(size, k, n_patterns, m, first_layer_steps, filters, seed, root_seed)
                common = {"d": size, "k": k, "n_patterns": n_patterns, "n_train": m, "seed": seed}
                rows += [{**common, "quantity": f"few_{name}", "value": value} for name, value in found.items()]
    return columns(rows)


def _one(
    d: int, k: int, n_patterns: int, m: int, steps: int, filters: int, seed: int, root_seed: int
) -> dict[str, float]:
    """The quantities of one training set."""
    network = train(d, k, n_patterns, m, steps, root_seed, seed)
    inputs, y = network.inputs[network.half :], network.y[network.half :]
    other, a = network.new_filters(filters, root_seed, seed)
    counted = network.count_votes(other, a, steps)
    signed = pooled(counted, inputs) * y[:, None]
    return {
        "error": test_error(network.responses, max_margin(network.signed).weights, n_patterns),
        "predicted": test_error(counted, max_margin(signed).weights, n_patterns),
        "one_class": float(len(np.unique(y)) == 1),
    }
