"""MLP: one hidden layer of ReLUs on the whole input, with as many parameters as ConvPool."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error

TRAININGS = ("adam", "gradient_descent")


class MLP(Sizes):
    """f(x) = sum_i a_i sigma(w_i . x) with w_i in R^(nd) and sigma the ReLU.

    Ref: brutzkus2021, Section 7 (MLP)
    """

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """sigma(w_i . x)."""
        return torch.bmm(x.flatten(2), W.mT).relu_()

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """dL/dw_i = a_i mean_x l'(y f(x)) y [w_i . x > 0] x, and dL/da_i = mean_x l'(y f(x)) y sigma(w_i . x)."""
        inputs = x.flatten(2)

        def compute() -> tuple[Tensor, Tensor]:
            hidden = torch.bmm(W, inputs.mT).relu_()  # by neuron: faster than by sample if there are few neurons
            f = torch.bmm(a[:, None], hidden).squeeze(1)
            margin = f * y
            pull = torch.sigmoid(-margin).mul_(y).div_(-y.shape[1])
            torch.bmm(hidden, pull[:, :, None], out=a_grad[:, :, None])
            active = hidden.gt_(0).mul_(pull[:, None]).mul_(a[:, :, None])
            torch.bmm(active, inputs, out=W_grad)
            return torch.nn.functional.softplus(-margin).mean(1), error(f, y)

        return compute


def width(n_patterns: int, d: int, channels: int) -> int:
    """round((k d + k) / (n d + 1)), at least 1: the width with about as many parameters as k channels.

    Ref: brutzkus2021, Section 7 (MLP)
    """
    return max(1, round(channels * (d + 1) / (n_patterns * d + 1)))


def make(n_patterns: int, d: int, channels: int) -> MLP:
    """The network with the number of parameters closest to that of ConvPool with that many channels."""
    return MLP(width(n_patterns, d, channels), n_patterns * d)
