"""What the networks with one hidden layer share: f(x) = sum_i a_i h_i(x), with hidden features h from a matrix W."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Network(Protocol):
    """What training asks of such a network.

    The weights of some runs are W, shape (run, hidden, fan_in), and a, shape (run, hidden).
    """

    @property
    def hidden(self) -> int:
        """Number of hidden features: channels, or neurons."""

    @property
    def fan_in(self) -> int:
        """Length of a row of W."""

    @property
    def n_parameters(self) -> int:
        """Number of weights."""

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """The hidden features of every input."""

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """A function that writes the gradient of the mean logistic loss, and returns that loss and the error.

        It works on the tensors given here, in place, and can be called again when they have changed.
        """


@dataclass(frozen=True)
class Sizes:
    """The sizes of a network, whose weights are W and a and no others."""

    hidden: int
    fan_in: int

    @property
    def n_parameters(self) -> int:
        return self.hidden * (self.fan_in + 1)


def outputs(
    model: Network,
    x: Float[Tensor, "run sample place d"],
    W: Float[Tensor, "run hidden fan_in"],
    a: Float[Tensor, "run hidden"],
) -> Float[Tensor, "run sample"]:
    """f(x) of every input, in pieces of bounded memory."""
    return torch.cat([(piece * a[:, None]).sum(2) for piece in features(model, x, W)], dim=1)


def features(
    model: Network, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
) -> Iterator[Float[Tensor, "run piece hidden"]]:
    """The hidden features of all inputs, a few inputs at a time."""
    at_once = samples_at_once(x, len(x) * model.hidden * x.shape[2] * x.element_size())
    return (model.features(piece, W) for piece in x.split(at_once, dim=1))


def error(f: Float[Tensor, "run sample"], y: Float[Tensor, "run sample"]) -> Float[Tensor, " run"]:
    """The share of inputs on the wrong side; f = 0 counts as negative.

    Ref: brutzkus2021, Section 3 (footnote 2)
    """
    return ((f > 0) != (y > 0)).to(y.dtype).mean(1)


def samples_at_once(x: Tensor, bytes_per_sample: int) -> int:
    """How many samples to work on at once: what a step makes of them stays in a CPU's cache, or fills a GPU."""
    return max(1, (2**28 if x.is_cuda else 3 * 2**19) // bytes_per_sample)
