"""ConvPool: convolution with non-overlapping filters, ReLU, max-pooling over patterns, a linear layer."""

from collections.abc import Callable
from math import inf

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._network import Sizes, error, samples_at_once
from convbias.detection.models._pooling import in_memory, loops, tables

TRAININGS = ("adam", "gradient_descent", "layerwise", "layerwise_whole", "layerwise_limit")


class ConvPool(Sizes):
    """N(x) = sum_i a_i max_j sigma(w_i . x[j]), with ``hidden`` channels and sigma the ReLU.

    Ref: brutzkus2021, Equation 1
    """

    floor = 0.0  # the least value of a feature

    def features(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample hidden"]:
        """max_j sigma(w_i . x[j]) = w_i . p_i(x).

        Ref: brutzkus2021, Equation 3
        """
        if not in_memory(x):
            pieces = x.split(self._on_gpu(x), dim=1)
            return torch.cat([self._responses(piece, W).amax(2).clamp_(min=self.floor) for piece in pieces], dim=1)
        pooled = x.new_empty(*x.shape[:2], self.hidden)
        pool = loops(x.dtype).pool
        for inputs, filters, result in zip(x, W, pooled, strict=True):
            for patterns, entries, _ in tables(inputs, self.hidden):
                responses = (patterns @ filters.T).numpy()
                for some, drawn in entries:
                    pool(responses, drawn, result[some].numpy(), np.empty(result[some].shape, np.int32), self.floor)
        return pooled

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

        p_i(x) is the pattern with the largest response of filter i, and 0 if no response is positive. If inputs share
        their patterns, the sum over x is a matrix product. One factor has, for each filter and pattern, the sum of
        l'(y N(x)) y over the inputs with that p_i(x). The other has the patterns.

        Ref: brutzkus2021, Equation 15
        """
        margins = torch.empty_like(y)
        if not in_memory(x):
            add = self._gradient_on_gpu(x, y, W, a, W_grad, a_grad, margins)
        else:
            runs = zip(x, y, W, a, W_grad, a_grad, margins, strict=True)
            each = [self._gradient_on_cpu(*tensors) for tensors in runs]

            def add() -> None:
                for run in each:
                    run()

        def compute() -> tuple[Tensor, Tensor]:
            W_grad.zero_()
            a_grad.zero_()
            add()
            W_grad.mul_(a[:, :, None])
            return torch.nn.functional.softplus(-margins).mean(1), error(margins * y, y)

        return compute

    def _gradient_on_cpu(
        self,
        x: Float[Tensor, "sample place d"],
        y: Float[Tensor, " sample"],
        W: Float[Tensor, "hidden fan_in"],
        a: Float[Tensor, " hidden"],
        W_grad: Float[Tensor, "hidden fan_in"],
        a_grad: Float[Tensor, " hidden"],
        margins: Float[Tensor, " sample"],
    ) -> Callable[[], None]:
        """A function that adds to the gradient of one run, but for the factor a_i, and writes its margins."""
        pool, route, spread = loops(x.dtype)
        at_tables = tables(x, self.hidden)
        rows = max(len(table.patterns) for table in at_tables)
        at_once = max(len(drawn) for table in at_tables for _, drawn in table.inputs)
        every_response, totals = (x.new_empty(rows + 1, self.hidden) for _ in range(2))
        every_pooled, every_winner = x.new_empty(at_once, self.hidden), np.empty((at_once, self.hidden), np.int32)

        def add() -> None:
            for patterns, entries, shared in at_tables:
                responses = torch.mm(patterns, W.T, out=every_response[: len(patterns)])
                if shared:  # then there is one table
                    totals.zero_()
                for some, drawn in entries:
                    pooled, winners = every_pooled[: len(drawn)], every_winner[: len(drawn)]
                    pool(responses.numpy(), drawn, pooled.numpy(), winners, self.floor)
                    margin = torch.mv(pooled, a).mul_(y[some])
                    margins[some] = margin
                    pull = torch.sigmoid(-margin).mul_(y[some]).div_(-len(y))
                    a_grad.addmv_(pooled.T, pull)
                    if shared:
                        route(winners, pull.numpy(), totals.numpy())
                    else:
                        spread(winners, pull.numpy(), patterns.numpy(), W_grad.numpy())
                if shared:
                    W_grad.addmm_(totals[:-1].T, patterns)

        return add

    def _gradient_on_gpu(
        self,
        x: Float[Tensor, "run sample place d"],
        y: Float[Tensor, "run sample"],
        W: Float[Tensor, "run hidden fan_in"],
        a: Float[Tensor, "run hidden"],
        W_grad: Float[Tensor, "run hidden fan_in"],
        a_grad: Float[Tensor, "run hidden"],
        margins: Float[Tensor, "run sample"],
    ) -> Callable[[], None]:
        """The same for all runs at once; patterns that tie have equal shares. Ones mark the places of p_i(x)."""
        at_once = self._on_gpu(x)

        def add() -> None:
            pieces = (tensor.split(at_once, dim=1) for tensor in (x, y, margins))
            for piece, labels, margin in zip(*pieces, strict=True):
                responses = self._responses(piece, W)
                pooled = responses.amax(2).clamp_(min=self.floor)
                margin.copy_(torch.bmm(pooled, a[:, :, None]).squeeze(2).mul_(labels))
                pull = torch.sigmoid(-margin).mul_(labels).div_(-y.shape[1])
                a_grad.add_(torch.bmm(pooled.mT, pull[:, :, None]).squeeze(2))
                responses.eq_(pooled.masked_fill_(pooled == self.floor, inf)[:, :, None])
                responses.div_(responses.sum(2, keepdim=True).clamp_(min=1))
                W_grad.baddbmm_(responses.flatten(1, 2).mT, (piece * pull[:, :, None, None]).flatten(1, 2))

        return add

    def _responses(
        self, x: Float[Tensor, "run sample place d"], W: Float[Tensor, "run hidden fan_in"]
    ) -> Float[Tensor, "run sample place hidden"]:
        return torch.bmm(x.flatten(1, 2), W.mT).unflatten(1, x.shape[1:3])

    def _on_gpu(self, x: Float[Tensor, "run sample place d"]) -> int:
        return samples_at_once(x, len(x) * x.shape[2] * self.hidden * x.element_size())


def make(n_patterns: int, d: int, channels: int) -> ConvPool:
    """The network with that many channels, for patterns of length d and any number of patterns per input."""
    return ConvPool(channels, d)
