"""The test error of networks trained on a grid of dimensions and signal strengths.

Ref: kou2023, Section 5 (the synthetic experiments)
"""

import numpy as np

from convbias.checks import columns
from convbias.papers.kou2023.draws import draw
from convbias.papers.kou2023.theory import span

SETTINGS = {
    "d": [(1, 1_000_000)],
    "mu": ["amount"],
    "n_train": "count",
    "filters": (1, 1000),
    "flip": "correlation",
    "patch_weight": "positive",
    "learning_rate": ["positive"],
    "init_scale": ["positive"],
    "steps": "count",
    "n_test": "count",
    "seeds": "count",
}


def curves(
    d: list[int],
    mu: list[int | float],
    n_train: int,
    filters: int,
    flip: int | float,
    patch_weight: int | float,
    learning_rate: list[int | float],
    init_scale: list[int | float],
    steps: int,
    n_test: int,
    seeds: int,
    root_seed: int,
) -> dict[str, list]:
    """For each d, seed and mu (signal): ``network_error`` and ``network_loss``, the test error and the training loss.

    ``filters`` counts the filters of one logit. Labels are flipped with probability ``flip``, also in the test set.
    The error is averaged over the label and its flip, given the noise of ``n_test`` test inputs. A patch adds to the
    output with ``patch_weight``: 1 sums over the two patches, 0.5 averages. Weights and biases start uniform within
    ``init_scale`` / sqrt(d); PyTorch's default is 1. ``learning_rate`` and ``init_scale`` have one value for each d,
    or one for all. All mu of a seed have the same noise and initial weights.

    Raises:
        ValueError: ``learning_rate`` or ``init_scale`` has another number of values.
    """
    each = {"learning_rate": learning_rate, "init_scale": init_scale}
    if wrong := [f"{name} has {len(own)} values" for name, own in each.items() if len(own) not in (1, len(d))]:
        raise ValueError(f"{' and '.join(wrong)}, but d has {len(d)}. Give one value, or one for each d.")
    rates, scales = (own * (len(d) // len(own)) for own in each.values())
    strengths = np.array(mu, dtype=float)
    rows: list[dict] = []
    for size, rate, scale in zip(d, rates, scales, strict=True):
        for seed in range(seeds):
            one = draw(size, n_train, filters, flip, scale, n_test, seed, root_seed)
            trained = span.train(one.gram, one.start, one.bias, one.y, one.labels, strengths, patch_weight, rate, steps)
            spread = span.covariance(trained.coefficients, one.gram, one.start, one.initial)
            clean = span.clean_errors(trained, spread, strengths, one.normal).mean(1)
            at = {"d": size, "n_train": n_train, "init_scale": scale, "seed": seed}
            for signal, error, loss in zip(mu, flip + (1 - 2 * flip) * clean, trained.loss, strict=True):
                rows += [
                    {**at, "signal": signal, "quantity": "network_error", "value": float(error)},
                    {**at, "signal": signal, "quantity": "network_loss", "value": float(loss)},
                ]
    return columns(rows)
