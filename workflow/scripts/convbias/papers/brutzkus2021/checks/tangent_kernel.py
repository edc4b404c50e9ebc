"""The tangent kernel of ConvPool: how fast wide networks reach it, and the test error that it predicts.

Ref: brutzkus2021, Equation 1
"""

import numpy as np
from jaxtyping import Float, Int

from convbias.checks import columns
from convbias.detection.inputs import Sampler
from convbias.detection.noise import noise as draw_noise
from convbias.papers.brutzkus2021.theory.tangent_kernel import (
    gradient_features,
    kernel_outputs,
    kernels,
    tangent_kernel,
)

SETTINGS = {
    "d": "pattern_length",
    "n_patterns": "patterns_per_input",
    "noise": "positive",
    "n_train": [(2, 1000)],
    "n_test": "count",
    "seeds": "count",
    "init_scales": ["positive"],
    "target_loss": "positive",
    "draws": "count",
    "channels": [(1, 100_000)],
}
NOISE_LAW = "ball"
AT_ONCE = 256  # filters whose features are in memory together


def curves(
    d: int,
    n_patterns: int,
    noise: float,
    n_train: list[int],
    n_test: int,
    seeds: int,
    init_scales: list[float],
    target_loss: float,
    draws: int,
    channels: list[int],
    root_seed: int,
) -> dict[str, list]:
    """Rows for each training set, those of the experiments with d = l patterns.

    * ``kernel_deviation``, for each number of channels k and the first sample size: the distance of the tangent kernel
      of a network from the expected one, relative to the norm of the latter, without noise.
    * ``kernel_clean_error``: the test error of gradient flow with the expected kernel from f = 0, without noise.
    * ``kernel_noisy_error``, for each initial scale: that with noise, from the outputs of a random wide network. Both
      kernel and outputs are those of ``draws`` random filters.

    Ref: brutzkus2021, Equation 1
    """
    rows = []
    for size in n_train:
        for seed in range(seeds):
            sampler = Sampler("orthogonal", d, d, n_patterns, size, root_seed, seed, None)
            (drawn, y), (others, y_test) = sampler.draw("training set", size), sampler.draw("test set", n_test)
            common = {"d": d, "n_patterns": n_patterns, "n_train": size, "seed": seed}
            x, x_test = sampler.patterns.inputs(drawn), sampler.patterns.inputs(others)
            if size == n_train[0]:
                expected = tangent_kernel(*kernels(drawn, drawn, d), d, 1.0)
                rng = sampler.stream("tangent kernel")
                for k in channels:
                    away = network_kernel(x, k, rng) - expected
                    value = float(np.linalg.norm(away) / np.linalg.norm(expected))
                    rows.append({**common, "quantity": "kernel_deviation", "k": k, "value": value})
            kernel = tangent_kernel(*kernels(np.concatenate([drawn, others]), drawn, d), d, 1.0)
            error = test_error(kernel, np.zeros(len(kernel)), y, y_test, target_loss)
            rows.append({**common, "quantity": "kernel_clean_error", "value": error})
            for purpose, inputs in (("training set", x), ("test set", x_test)):
                inputs += draw_noise(NOISE_LAW, noise, sampler.stream(f"noise of the {purpose}"), inputs.shape)
            noisy, stream = np.concatenate([x, x_test]).astype(np.float32), sampler.stream("random filters")
            kernel, start = random_kernel(noisy, size, draws, stream)
            for scale in init_scales:
                error = test_error(scale**2 * kernel, scale**2 * start, y, y_test, target_loss)
                rows.append({**common, "quantity": "kernel_noisy_error", "init_scale": scale, "value": error})
    return columns(rows)


def test_error(
    kernel: Float[np.ndarray, "both sample"],
    start: Float[np.ndarray, " both"],
    y: Int[np.ndarray, " sample"],
    y_test: Int[np.ndarray, " test"],
    target_loss: float,
) -> float:
    """The test error of ``kernel_outputs``. Rows of the kernel are the training samples, and then the test samples.

    Ref: brutzkus2021, Equation 1
    """
    m = len(y)
    f = kernel_outputs(kernel[:m], kernel[m:], y.astype(float), target_loss, start[:m], start[m:])
    return float(((f > 0) != (y_test > 0)).mean())


def network_kernel(
    x: Float[np.ndarray, "sample place d"], k: int, rng: np.random.Generator
) -> Float[np.ndarray, "sample sample"]:
    """The tangent kernel of one network with k channels, at initial weights of scale 1.

    Ref: brutzkus2021, Equation 1
    """
    d = x.shape[2]
    total = np.zeros((len(x), len(x)))
    for first in range(0, k, AT_ONCE):
        count = min(AT_ONCE, k - first)
        w, alpha = rng.uniform(-1, 1, (count, d)) / d**0.5, rng.uniform(-1, 1, count)
        features, patterns = gradient_features(x, w)
        patterns = patterns * np.repeat(alpha, d)
        total += features @ features.T + patterns @ patterns.T
    return total / k


def random_kernel(
    x: Float[np.ndarray, "sample place d"], others: int, draws: int, rng: np.random.Generator
) -> tuple[Float[np.ndarray, "sample other"], Float[np.ndarray, " sample"]]:
    """The tangent kernel of all inputs with the first ``others``, from random filters, and outputs of a wide network.

    Both layers are normal, with the variances of the initial weights of scale 1. The precision is that of x.

    Ref: brutzkus2021, Equation 1
    """
    d = x.shape[2]
    kernel, start = np.zeros((len(x), others)), np.zeros(len(x))
    for first in range(0, draws, AT_ONCE):
        count = min(AT_ONCE, draws - first)
        features, patterns = gradient_features(x, rng.normal(size=(count, d)).astype(x.dtype))
        start += features @ rng.normal(size=count)
        kernel += features @ features[:others].T / d + patterns @ patterns[:others].T
    return kernel / (3 * draws), start / (3 * (d * draws) ** 0.5)
