"""The linear classifiers of wu2019, as batches of networks that take their steps together.

A model is a module with a function ``make(d, k) -> LinearModel``. All weights of a network are one column of a tensor
of shape (weight, run).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias import draws, registry


@dataclass(frozen=True)
class Layer:
    """A named block of consecutive rows of the weights."""

    name: str
    size: int


@runtime_checkable
class LinearModel(Protocol):
    """The interface of a model that is linear in x (not in its weights).

    The methods ``effective`` and ``step`` each set up a function for the inner loop. That function works in place, on
    the tensors given here.
    """

    @property
    def d(self) -> int:
        """Length of an input."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, in the order of the rows of the weights."""

    @property
    def padding(self) -> int:
        """The number of zero rows below the d rows of a step's data; at least 1."""

    @property
    def working_rows(self) -> int:
        """Working memory of a step, in numbers per network."""

    def effective(self, weights: Float[Tensor, "weight run"], out: Float[Tensor, "d run"]) -> Callable[[], object]:
        """A function that writes the effective weights w, with f(x) = w'x, into ``out``."""

    def step(
        self, weights: Float[Tensor, "weight run"], data: Float[Tensor, "padded run"], rate: float
    ) -> Callable[[], object]:
        """A function that takes one step of gradient descent: weights += rate * grad(w'data), for fixed ``data``.

        ``data`` is the sum of y x over the samples with a non-zero slope of the loss.
        """


def make(name: str, d: int, k: int) -> LinearModel:
    """The model of that name for inputs of length d; k is the filter size of models with a filter."""
    return registry.load("linear.models", name).make(d, k)


def draw_weights(
    model: LinearModel,
    root_seed: int,
    task: str,
    n_train: int,
    init_seeds: list[int],
    init_scale: float,
    dtype: torch.dtype = torch.float64,
) -> Float[Tensor, "weight run"]:
    """Initial weights, uniform in [-b, b] on every layer, one column per seed.

    Each layer has its own random stream. Networks that differ only in b therefore start from multiples of the same
    weights.

    Ref: wu2019, Figure 6 (the law of the initial weights)
    """
    layers = {layer.name: (layer.size,) for layer in model.layers}
    weights = np.concatenate(draws.uniform_weights(root_seed, layers, task, n_train, init_seeds), axis=1).T
    return torch.from_numpy(np.ascontiguousarray(weights) * init_scale).to(dtype)


def stack(rows: Int[np.ndarray, "run sample entry"]) -> Int[Tensor, "entry sample run"]:
    """Training sets as an index tensor for training. The run is the last axis, so a step reads memory in order."""
    return torch.from_numpy(np.ascontiguousarray(rows.transpose(2, 1, 0)))
