"""Average pooling: convolution with non-overlapping filters, ReLU, the mean over patterns, a linear layer."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error

TRAININGS = ("adam", "gradient_descent")


class AvgPool(Sizes):
    """f(x) = sum_i a_i (1/n) sum_j sigma(w_i . x[j]), with n places and sigma the ReLU.

    Without noise, f is a linear function of how often each pattern occurs.

    Ref: brutzkus2021, Equation 1 (with a mean instead of the maximum)
    """

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """(1/n) sum_j sigma(w_i . x[j])."""
        return torch.matmul(x, W.mT[:, None]).relu_().mean(2)

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """dL/dw_i = a_i mean_x l'(y f(x)) y (1/n) sum_j [w_i . x[j] > 0] x[j], and dL/da_i as for ConvPool."""

        def compute() -> tuple[Tensor, Tensor]:
            responses = torch.matmul(x, W.mT[:, None]).relu_()
            pooled = responses.mean(2)
            f = torch.bmm(pooled, a[:, :, None]).squeeze(2)
            margin = f * y
            pull = torch.sigmoid(-margin).mul_(y).div_(-y.shape[1])
            torch.bmm(pooled.mT, pull[:, :, None], out=a_grad[:, :, None])
            pulled = (x * pull[:, :, None, None]).div_(x.shape[2]).flatten(1, 2)
            torch.bmm(responses.gt_(0).flatten(1, 2).mT, pulled, out=W_grad)
            W_grad.mul_(a[:, :, None])
            return torch.nn.functional.softplus(-margin).mean(1), error(f, y)

        return compute


def make(n_patterns: int, d: int, channels: int) -> AvgPool:
    """The network with that many channels."""
    return AvgPool(channels, d)
