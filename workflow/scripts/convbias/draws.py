"""Random numbers: a separate counter-based stream for each draw."""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np


def stream(root_seed: int, purpose: str, task: str, n_train: int, seed: int) -> np.random.Generator:
    """The random stream of one draw; its five keys determine it.

    A training set or an initial weight does not depend on the other networks that are drawn. The order of draws and the
    process do not matter either.
    """
    key = blake2b(f"{root_seed}/{purpose}/{task}/{n_train}/{seed}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def uniform_weights(
    root_seed: int, layers: Mapping[str, tuple[int, ...]], task: str, n_train: int, seeds: list[int]
) -> list[np.ndarray]:
    """For each layer the weights of all seeds, uniform in [-1, 1], shape (seed, *shape).

    ``layers`` maps the name of a layer's stream to the layer's shape. Each layer has its own stream. Networks that
    differ only in scale therefore start from multiples of the same weights.
    """
    return [
        np.stack([stream(root_seed, layer, task, n_train, seed).uniform(-1, 1, shape) for seed in seeds])
        for layer, shape in layers.items()
    ]


def normal_weights(
    root_seed: int, layers: Mapping[str, tuple[int, ...]], task: str, n_train: int, seeds: list[int]
) -> list[np.ndarray]:
    """The same with the standard normal law."""
    return [
        np.stack([stream(root_seed, layer, task, n_train, seed).normal(size=shape) for seed in seeds])
        for layer, shape in layers.items()
    ]
