"""The exact risk of trained networks against drawn inputs.

Ref: lahoti2024, Section 4 (the DSD task and its networks)
"""

import numpy as np

from convbias.checks import columns
from convbias.papers.lahoti2024.draws import draw
from convbias.papers.lahoti2024.theory.descent import gradient
from convbias.papers.lahoti2024.theory.lsa import lsa, risk

SETTINGS = {
    "n_patterns": ["patterns_per_input"],
    "d": "pattern_length",
    "noise": ["positive"],
    "n_train": "count",
    "steps": "count",
    "n_test": "count",
    "seeds": "count",
}
RATE = 0.1
DEVIATIONS = 5  # standard errors by which a mean may differ from its expectation


def curves(
    n_patterns: list[int],
    d: int,
    noise: list[int | float],
    n_train: int,
    steps: int,
    n_test: int,
    seeds: int,
    root_seed: int,
) -> dict[str, list]:
    """Cases and violations: for each number of patches, noise and seed, a CNN and an LCN after some steps.

    A case violates the formula if the mean of (y - f(x))^2 over ``n_test`` drawn inputs is more than five standard
    errors away from it.
    """
    scores = []
    for places in n_patterns:
        for level in noise:
            for seed in range(seeds):
                one = draw(places, d, level, n_train, seed, root_seed)
                test = draw(places, d, level, n_test, seeds + seed, root_seed)
                for W in (one.W[None, :1], one.W[None]):
                    b = np.zeros(1, dtype=np.float32)
                    for _ in range(steps):
                        by_filter, by_threshold = gradient(one.x[None], one.y[None], W, b)
                        W, b = W - RATE * by_filter, np.maximum(b - RATE * by_threshold, 0)
                    f = lsa((test.x @ np.broadcast_to(W[0], one.W.shape)[..., None])[..., 0], b).sum(0)
                    losses = (test.y - f).astype(float) ** 2
                    filters = np.broadcast_to(W, (1, *one.W.shape)).astype(float)
                    exact = risk(filters[..., 0], np.sqrt((filters**2).sum(2)), b.astype(float), level)[0]
                    scores.append(abs(losses.mean() - exact) / max(losses.std() / n_test**0.5, 1 / n_test))
    return columns(
        [
            {"quantity": "risk_cases", "value": float(len(scores))},
            {"quantity": "risk_violations", "value": float(sum(not score <= DEVIATIONS for score in scores))},
            {"quantity": "risk_deviation", "value": float(max(scores))},
        ]
    )
