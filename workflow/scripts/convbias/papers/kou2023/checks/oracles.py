"""Two exact routes against the networks: training in R^d, and one-dimensional integrals for the error.

Ref: kou2023, Section 3 (exact checks)
"""

import numpy as np
from jaxtyping import Float

from convbias.checks import columns
from convbias.papers.kou2023.draws import Drawn, draw
from convbias.papers.kou2023.theory import span, two_filters

SETTINGS = {
    "d": [(1, 10_000)],
    "mu": ["amount"],
    "n_train": "count",
    "filters": (1, 1000),
    "flip": "correlation",
    "learning_rate": "positive",
    "steps": "count",
    "n_test": "count",
    "seeds": "count",
}
ROUNDING = 1e-9  # relative to the largest weight
DEVIATIONS = 5  # standard errors by which a proportion may differ from its probability


def curves(
    d: list[int],
    mu: list[int | float],
    n_train: int,
    filters: int,
    flip: int | float,
    learning_rate: int | float,
    steps: int,
    n_test: int,
    seeds: int,
    root_seed: int,
) -> dict[str, list]:
    """Cases and violations, one case for each d, seed and mu.

    * ``direct_``: the weights after training in the span are those after training in R^d; the deviation is relative.
    * ``integral_``: in networks with one filter per logit, the proportion of wrong signs on ``n_test`` test inputs
      differs from the integral by at most five standard errors.
    """
    strengths = np.array(mu, dtype=float)
    away: list[float] = []
    scores: list[float] = []
    for size in d:
        for seed in range(seeds):
            one = draw(size, n_train, filters, flip, 1, 1, seed, root_seed)
            trained = _train(one, strengths, learning_rate, steps)
            for C, signal in zip(trained.coefficients, strengths, strict=True):
                expected = train_directly(one, float(signal), learning_rate, steps)
                found = one.weights + C @ one.vectors
                away.append(float(abs(found - expected).max() / abs(expected).max()))
            small = draw(size, n_train, 1, flip, 1, n_test, seed, root_seed)
            trained = _train(small, strengths, learning_rate, steps)
            spread = span.covariance(trained.coefficients, small.gram, small.start, small.initial)
            wrong = span.clean_errors(trained, spread, strengths, small.normal)
            signal_part = span.signal_output(trained.along, trained.bias, strengths)
            for own, part, bias, matrix in zip(wrong, signal_part, trained.bias, spread, strict=True):
                gap = own.mean() - two_filters.clean_error(part, bias, matrix)
                scores.append(float(abs(gap) / max(own.std() / n_test**0.5, 1 / n_test)))
    found = {"direct": (away, ROUNDING), "integral": (scores, DEVIATIONS)}
    return columns(
        [
            {"quantity": f"{name}_{kind}", "value": float(value)}
            for name, (values, limit) in found.items()
            for kind, value in (
                ("cases", len(values)),
                ("violations", sum(not value <= limit for value in values)),
                ("deviation", max(values)),
            )
        ]
    )


def _train(one: Drawn, mu: Float[np.ndarray, " run"], learning_rate: int | float, steps: int) -> span.Trained:
    return span.train(one.gram, one.start, one.bias, one.y, one.labels, mu, 1, learning_rate, steps)


def train_directly(one: Drawn, mu: float, learning_rate: int | float, steps: int) -> Float[np.ndarray, "filter d"]:
    """The weights after gradient descent in R^d, with the network that sums over its patches."""
    signal = np.zeros_like(one.vectors[1:])
    signal[:, 0] = mu * one.y
    patches = np.stack([signal, one.vectors[1:]], axis=1)
    W, b, a = one.weights.copy(), one.bias.copy(), span.signs(len(one.bias))
    for _ in range(steps):
        responses = patches @ W.T + b
        f = np.maximum(responses, 0).sum(1) @ a
        pull = one.labels / (len(f) * (1 + np.exp(one.labels * f)))
        moves = learning_rate * pull[:, None, None] * (responses > 0) * a
        W += np.einsum("spr,spd->rd", moves, patches)
        b += moves.sum((0, 1))
    return W
