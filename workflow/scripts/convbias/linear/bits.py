"""Operations whose result for one network does not depend on the other networks in its batch, bit for bit."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

VECTOR = 64  # numbers; a multiple of a processor's vector length
PIECE = 2**15  # numbers; torch does not divide so few among threads


def pairwise_sum(terms: Float[Tensor, "*group term run"]) -> Callable[[], Float[Tensor, "*group run"]]:
    """Set up the sum over the terms by halving. Each call overwrites ``terms`` and returns a view of it.

    The order of torch's own sum depends on the size of the batch. Here the order depends only on the number of terms,
    so a network's bits do not depend on the other networks. Rounding grows with log2 of the number of terms.
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


def elementwise(function: Callable[[Tensor], Tensor], values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """function(values) for a function of single numbers such as exp.

    Torch rounds exp and log differently at the end of an array that does not fill a vector. Here all vectors are full,
    and none is divided among threads.
    """
    count = values.numel()
    filled = values.new_zeros(-(-count // VECTOR) * VECTOR)
    filled[:count] = values.reshape(-1)
    return torch.cat([function(piece) for piece in filled.split(PIECE)])[:count].view(values.shape)
