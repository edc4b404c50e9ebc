"""The linear classifiers of wu2019: their layers, their effective weights and their steps.

A model is a module with a constant and two functions. The weights of a network are one vector: its layers, one after
the other.

- ``DEGREE``: the degree of f(x) in the weights; each layer counts one.
- ``layers(d, k)``: the layers, a tuple of ``Layer``, in the order in which they are stored.
- ``make(k)``: the loops, ``Loops``. They are plain Python over numbers that numba compiles, and create no arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from convbias import draws, registry

Layers = tuple[np.ndarray, ...]
Law = Literal["uniform", "fan_in", "normal", "normal_first"]


@dataclass(frozen=True)
class Layer:
    """A named block of consecutive weights, stored behind ``zeros`` zeros, which a step must not change.

    With zeros before its first weight, a loop over neighbouring weights needs no test at the border. ``rows`` counts
    the units of a matrix: each has ``size / rows`` incoming weights. ``learns`` is false if no step changes them.
    """

    name: str
    size: int
    zeros: int = 0
    rows: int = 1
    learns: bool = True


class Loops(NamedTuple):
    """What training does with one network.

    - ``split(weights, d)``: its layers, as views of its weights.
    - ``effective(layers, w)``: write the effective weights, with f(x) = w'x, into ``w``.
    - ``step(layers, pull, where, count, rate, spare)``: take a step of gradient descent, weights += rate grad(w'pull).
      ``pull`` is the sum of y x over the samples, each times the slope of the loss; d zeros follow it. It is not 0 only
      at the positions ``where[:count]``, in rising order. ``spare`` is working memory, as long as the weights.
    """

    split: Callable[..., Layers]
    effective: Callable[..., None]
    step: Callable[..., None]


def load(name: str) -> ModuleType:
    """The module of the model of that name."""
    return registry.load("linear.models", name)


def draw_weights(
    model: str,
    d: int,
    k: int,
    root_seed: int,
    task: str,
    n_train: int,
    init_seeds: list[int],
    init_scale: float,
    init_law: Law = "uniform",
) -> Float[np.ndarray, "run stored"]:
    """Initial weights, one row per seed.

    They are uniform in [-b, b] on every layer, or ``normal``, N(0, b^2). With ``fan_in`` they are uniform and divided
    by the root of the number of incoming weights of a unit; b = 1 is then PyTorch's default. With ``normal_first`` they
    are normal on the first layer and 0 on all others, as in the paper's theory. Each layer has its own random stream.
    Networks that differ only in b therefore start from multiples of the same weights.

    Ref: wu2019, Figure 6 (the law of the initial weights); Section 3.2 (w2 = 0)
    """
    layers = load(model).layers(d, k)
    shapes = {layer.name: (layer.size,) for layer in layers}
    draw = draws.uniform_weights if init_law in ("uniform", "fan_in") else draws.normal_weights
    drawn = draw(root_seed, shapes, task, n_train, init_seeds)
    if init_law == "fan_in":
        drawn = [own / (layer.size / layer.rows) ** 0.5 for layer, own in zip(layers, drawn, strict=True)]
    if init_law == "normal_first":
        drawn[1:] = [np.zeros_like(layer) for layer in drawn[1:]]
    blocks = zip(layers, drawn, strict=True)
    return np.concatenate([np.pad(own * init_scale, ((0, 0), (layer.zeros, 0))) for layer, own in blocks], axis=1)


def effective_weights(
    model: str, d: int, k: int, weights: Float[np.ndarray, "run stored"]
) -> Float[np.ndarray, "run d"]:
    """The effective weights of a few networks, one row per network, by the model's loop as it stands."""
    loops, w = load(model).make(k), np.empty((len(weights), d))
    for own, out in zip(weights, w, strict=True):
        loops.effective(loops.split(own, d), out)
    return w
