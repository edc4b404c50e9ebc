"""Model-Conv-k: one convolution layer with one filter, then a linear layer, no non-linearity between them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.linear.bits import pairwise_sum
from convbias.linear.models import Layer

BLOCK = 32  # rows of products that a step keeps: few enough to fit the cache, enough for long vectors


@dataclass(frozen=True)
class Conv:
    """f(x) = sum_i w2_i sum_j w1_j x_{i+j-1}, with zero for terms whose index is out of range.

    Ref: wu2019, Section 2.1, Model-Conv-k
    """

    d: int
    k: int

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.d:
            raise ValueError(f"conv: k must be from 1 to d = {self.d}, not {self.k}")

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (Layer("w1", self.k), Layer("w2", self.d))

    @property
    def padding(self) -> int:
        return max(1, self.k - 1)

    @property
    def working_rows(self) -> int:
        return self.k * min(BLOCK, self.d) + self.k

    def effective(self, weights: Float[Tensor, "weight run"], out: Float[Tensor, "d run"]) -> Callable[[], object]:
        """w_l = sum_j w1_j w2_{l-j+1}: the full convolution of the layers, cut off after d terms."""
        w1, w2 = weights[: self.k], weights[self.k :]
        first = w1[0]
        others = [(out[j:], w1[j], w2[: self.d - j]) for j in range(1, self.k)]

        def convolve() -> None:
            torch.mul(first, w2, out=out)
            for shifted, filter_weight, weights in others:
                shifted.addcmul_(filter_weight, weights)

        return convolve

    def step(
        self, weights: Float[Tensor, "weight run"], data: Float[Tensor, "padded run"], rate: float
    ) -> Callable[[], object]:
        """w1 += rate M'w2 and w2 += rate M w1 simultaneously.

        M_ij = data_{i+j-1} is n_tr times M_tr of Section 3.2.
        """
        k, d, run = self.k, self.d, weights.shape[1]
        w1, w2 = weights[:k], weights[k:]
        windows = data.as_strided((k, d, run), (run, run, 1))  # windows[j] = data[j : j + d], the j-th column of M
        block = min(BLOCK, d)
        head, head_windows = w2[:block], windows[:, :block]
        products = weights.new_empty(k, block, run)  # of M'w2; the terms are added up one block of rows at a time
        tails = []
        for first in range(block, d, block):
            rows = slice(first, min(first + block, d))
            tails.append((products[:, : rows.stop - first], w2[rows], windows[:, rows]))
        add_up = pairwise_sum(products)
        scaled = torch.empty_like(w1)
        columns = [(scaled[j], windows[j]) for j in range(k)]

        def update() -> None:
            torch.mul(head, head_windows, out=products)
            for product, weights, window in tails:
                product.addcmul_(weights, window)
            torch.mul(w1, rate, out=scaled)
            for filter_weight, column in columns:
                w2.addcmul_(filter_weight, column)
            w1.add_(add_up(), alpha=rate)

        return update


def make(d: int, k: int) -> Conv:
    """The convolutional classifier with a filter of size k."""
    return Conv(d, k)
