"""Networks with one hidden layer: f(x) = sum_i a_i h_i(x), with hidden features h from a matrix W."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Network(Protocol):
    """The interface of such a network.

    The weights of some runs are W, shape (run, hidden, fan_in), and a, shape (run, hidden).
    """

    @property
    def hidden(self) -> int:
        """Number of hidden features: channels or neurons."""

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

        It works in place, on the tensors given here, and can be called again after they have changed.
        """


@dataclass(frozen=True)
class Sizes:
    """The sizes of a network whose only weights are W and a."""

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
    """f(x) of every input, computed in pieces of bounded memory."""
    return torch.cat([(piece * a[:, None]).sum(2) for piece in features(model, x, W)], dim=1)


def features(
    model: Network, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
) -> Iterator[Float[Tensor, "run piece hidden"]]:
    """The hidden features of all inputs, a few inputs at a time."""
    at_once = samples_at_once(x, len(x) * model.hidden * x.element_size())
    return (model.features(piece, W) for piece in x.split(at_once, dim=1))


def error(f: Float[Tensor, "run sample"], y: Float[Tensor, "run sample"]) -> Float[Tensor, " run"]:
    """The proportion of misclassified inputs; f = 0 counts as negative.

    Ref: brutzkus2021, Section 3 (footnote 2)
    """
    return ((f > 0) != (y > 0)).to(y.dtype).mean(1)


def samples_at_once(x: Tensor, bytes_per_sample: int) -> int:
    """The number of samples per piece: its intermediate results fit a CPU's cache, or use all of a GPU."""
    return max(1, (2**28 if x.is_cuda else 3 * 2**19) // bytes_per_sample)
