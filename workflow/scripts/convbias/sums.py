"""Sums whose order of additions is fixed."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor


def pairwise_sum(terms: Float[Tensor, "*group term run"]) -> Callable[[], Float[Tensor, "*group run"]]:
    """Set up the sum over the terms by halving. Each call overwrites ``terms`` and returns a view of it.

    Torch's own sum adds in an order that depends on the size of the batch. Here it depends on the number of terms
    alone, so that a network's bits do not depend on its neighbours. Rounding grows with log2 of the number of terms.
    """
    pairs, left = [], terms.shape[-2]
    while left > 1:
        half = 1 << ((left - 1).bit_length() - 1)
        pairs.append((terms[..., : left - half, :], terms[..., half:left, :]))
        left = half
    total = terms[..., 0, :]

    def add_up() -> Tensor:
        for upper, lower in pairs:
            upper.add_(lower)
        return total

    return add_up
