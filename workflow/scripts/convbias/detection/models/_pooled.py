"""Networks that pool the responses of shared filters in another way than ConvPool."""

from abc import abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error


class Pooled(Sizes):
    """f(x) = sum_i a_i sum_j s_ij w_i . x[j], with the share s_ij of place j, which the responses decide."""

    @abstractmethod
    def shares(self, responses: Float[Tensor, "run sample place hidden"]) -> Float[Tensor, "run sample place hidden"]:
        """The derivative of each pooled response by the response at each place."""

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """sum_j s_ij w_i . x[j]."""
        responses = torch.matmul(x, W.mT[:, None])
        return (responses * self.shares(responses)).sum(2)

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """dL/dw_i = a_i mean_x l'(y f(x)) y sum_j s_ij x[j], and dL/da_i as for ConvPool."""

        def compute() -> tuple[Tensor, Tensor]:
            responses = torch.matmul(x, W.mT[:, None])
            shares = self.shares(responses)
            pooled = responses.mul_(shares).sum(2)
            f = torch.bmm(pooled, a[:, :, None]).squeeze(2)
            margin = f * y
            pull = torch.sigmoid(-margin).mul_(y).div_(-y.shape[1])
            torch.bmm(pooled.mT, pull[:, :, None], out=a_grad[:, :, None])
            torch.bmm(shares.flatten(1, 2).mT, (x * pull[:, :, None, None]).flatten(1, 2), out=W_grad)
            W_grad.mul_(a[:, :, None])
            return torch.nn.functional.softplus(-margin).mean(1), error(f, y)

        return compute
