"""LCN, a locally connected network: like ConvPool, but with separate filters at each place (no weight sharing).

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024), locally connected networks; there with another activation
"""

from collections.abc import Callable
from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error
from convbias.detection.models.mlp import width

TRAININGS = ("adam", "gradient_descent")


class LCN(Sizes):
    """f(x) = sum_i a_i max_j sigma(w_ij . x[j]). A row of W holds the filters w_i1, w_i2, ... one after the other."""

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """max_j sigma(w_ij . x[j])."""
        return _responses(x, W).amax(1).clamp_(min=0)

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """dL/dw_ij = a_i mean_x l'(y f(x)) y [i responds most at j] x[j], and dL/da_i as for ConvPool.

        Places that tie have equal shares. All shares are 0 if no response is positive.
        """

        def compute() -> tuple[Tensor, Tensor]:
            responses = _responses(x, W)
            pooled = responses.amax(1).clamp_(min=0)
            f = torch.bmm(pooled, a[:, :, None]).squeeze(2)
            margin = f * y
            pull = torch.sigmoid(-margin).mul_(y).div_(-y.shape[1])
            torch.bmm(pooled.mT, pull[:, :, None], out=a_grad[:, :, None])
            places = responses.eq_(pooled.masked_fill_(pooled == 0, inf)[:, None])
            places.div_(places.sum(1, keepdim=True).clamp_(min=1))
            weighted = (x * pull[:, :, None, None]).transpose(1, 2)
            by_place = torch.matmul(places.mT, weighted)  # (run, place, hidden, d)
            torch.mul(by_place.transpose(1, 2), a[:, :, None, None], out=W_grad.view(*W.shape[:2], *x.shape[2:]))
            return torch.nn.functional.softplus(-margin).mean(1), error(f, y)

        return compute


def _responses(
    x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
) -> Float[Tensor, "run place sample hidden"]:
    """w_ij . x[j], of every filter at its own place."""
    filters = W.unflatten(2, x.shape[2:]).permute(0, 2, 3, 1)
    return torch.matmul(x.transpose(1, 2), filters)


def make(n_patterns: int, d: int, channels: int) -> LCN:
    """The network with the number of parameters closest to that of ConvPool with that many channels."""
    return LCN(width(n_patterns, d, channels), n_patterns * d)
