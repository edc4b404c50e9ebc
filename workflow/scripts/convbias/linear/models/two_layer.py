"""The fully connected two-layer linear classifier: f(x) = w2' W1 x with W1 in R^(d x d)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.linear.bits import pairwise_sum
from convbias.linear.models import Layer

BLOCK = 8  # rows of W1 whose products a step keeps


@dataclass(frozen=True)
class TwoLayer:
    """f(x) = sum_h w2_h sum_l W1_hl x_l. The weights hold the rows of W1, one after the other, and then w2.

    No other tensor of the size of W1 is created. The gradient of W1, w2 data', is added to W1 directly.

    Ref: wu2019, Section 1 (the fully connected two-layer linear classifier)
    """

    d: int
    padding: int = 1

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (Layer("W1", self.d * self.d), Layer("w2", self.d))

    @property
    def working_rows(self) -> int:
        return 2 * min(BLOCK, self.d) * self.d + 2 * self.d

    def effective(self, weights: Float[Tensor, "weight run"], out: Float[Tensor, "d run"]) -> Callable[[], object]:
        """w = W1'w2."""
        w1, w2 = self._layers(weights)
        add_up = _weighted_sum(w1, w2)
        return lambda: out.copy_(add_up())

    def step(
        self, weights: Float[Tensor, "weight run"], data: Float[Tensor, "padded run"], rate: float
    ) -> Callable[[], object]:
        """W1 += rate w2 data' and w2 += rate W1 data simultaneously."""
        w1, w2 = self._layers(weights)
        pull = data[: self.d]
        moved = _weighted_sum(w1.transpose(0, 1), pull)
        scaled = torch.empty_like(pull)

        def update() -> None:
            change = moved()
            torch.mul(pull, rate, out=scaled)
            w1.addcmul_(w2[:, None], scaled[None])
            w2.add_(change, alpha=rate)

        return update

    def _layers(self, weights: Float[Tensor, "weight run"]) -> tuple[Tensor, Tensor]:
        square = self.d * self.d
        return weights[:square].view(self.d, self.d, -1), weights[square:]


def _weighted_sum(
    terms: Float[Tensor, "term d run"], weights: Float[Tensor, "term run"]
) -> Callable[[], Float[Tensor, "d run"]]:
    """Set up the sum of weights_i terms_i over i, a block of terms at a time. Each call overwrites the last result."""
    block = min(BLOCK, len(terms))
    products = terms.new_empty(terms.shape[1], block, terms.shape[2]).transpose(0, 1)
    head, tails = (weights[:block, None], terms[:block]), []
    for first in range(block, len(terms), block):
        rows = slice(first, min(first + block, len(terms)))
        tails.append((products[: rows.stop - first], weights[rows, None], terms[rows]))
    add_up = pairwise_sum(products.transpose(0, 1))

    def total() -> Tensor:
        torch.mul(*head, out=products)
        for product, weight, term in tails:
            product.addcmul_(weight, term)
        return add_up()

    return total


def make(d: int, k: int) -> TwoLayer:
    """The fully connected classifier; it has no filter and ignores k."""
    return TwoLayer(d)
