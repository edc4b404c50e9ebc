"""ConvPool: convolution with non-overlapping filters, ReLU, max-pooling over patterns, a linear layer."""

from collections.abc import Callable
from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error, samples_at_once

TRAININGS = ("adam", "layerwise", "layerwise_limit")


class ConvPool(Sizes):
    """N(x) = sum_i a_i max_j sigma(w_i . x[j]), with ``hidden`` channels and sigma the ReLU.

    Ref: brutzkus2021, Equation 1
    """

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """max_j sigma(w_i . x[j]) = w_i . p_i(x).

        Ref: brutzkus2021, Equation 3
        """
        responses = torch.bmm(x.flatten(1, 2), W.mT)
        return responses.unflatten(1, x.shape[1:3]).amax(2).clamp_(min=0)

    def gradient(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
    ) -> Callable[[], tuple[Float[Tensor, " run"], Float[Tensor, " run"]]]:
        """dL/dw_i = a_i mean_x l'(y N(x)) y p_i(x), and dL/da_i = mean_x l'(y N(x)) y w_i . p_i(x).

        p_i(x) is the pattern with the largest response of filter i. It is the mean of the patterns that tie, and 0 if
        no response is positive. Ones, written over the responses, mark the place of p_i(x). The sum over x is then a
        single matrix product.

        Ref: brutzkus2021, Equation 15
        """
        runs, samples, places, _ = x.shape
        at_once = samples_at_once(x, runs * places * self.hidden * x.element_size())
        buffers: dict[torch.Size, tuple[Tensor, Tensor]] = {}  # one entry for full pieces, one for the last piece
        pieces = [
            (piece, labels, *buffers.setdefault(piece.shape, self._buffers(piece)))
            for piece, labels in zip(x.split(at_once, dim=1), y.split(at_once, dim=1), strict=True)
        ]
        margins = torch.empty_like(y)

        def compute() -> tuple[Tensor, Tensor]:
            W_grad.zero_()
            a_grad.zero_()
            first = 0
            for piece, labels, responses, pooled in pieces:
                torch.bmm(piece.flatten(1, 2), W.mT, out=responses)
                by_place = responses.unflatten(1, piece.shape[1:3])
                torch.amax(by_place, 2, out=pooled)
                pooled.clamp_(min=0)
                margin = torch.bmm(pooled, a[:, :, None]).squeeze(2).mul_(labels)
                margins[:, first : first + labels.shape[1]] = margin
                first += labels.shape[1]
                pull = torch.sigmoid(-margin).mul_(labels).div_(-samples)
                a_grad.add_(torch.bmm(pooled.mT, pull[:, :, None]).squeeze(2))
                by_place.eq_(pooled.masked_fill_(pooled == 0, inf)[:, :, None])
                ties = by_place.sum(2)
                if ties.is_cuda or ties.max() > 1:
                    by_place.div_(ties.clamp_(min=1)[:, :, None])
                W_grad.baddbmm_(responses.mT, (piece * pull[:, :, None, None]).flatten(1, 2))
            W_grad.mul_(a[:, :, None])
            loss = torch.nn.functional.softplus(-margins).mean(1)
            return loss, error(margins * y, y)

        return compute

    def _buffers(self, piece: Float[Tensor, "run sample place d"]) -> tuple[Tensor, Tensor]:
        runs, samples, places, _ = piece.shape
        return piece.new_empty(runs, samples * places, self.hidden), piece.new_empty(runs, samples, self.hidden)


def make(n_patterns: int, d: int, channels: int) -> ConvPool:
    """The network with that many channels, for patterns of length d and any number of patterns per input."""
    return ConvPool(channels, d)
