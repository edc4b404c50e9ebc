"""From effective weights to the margins of the samples of a batch, and from margins to the data that a step needs."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

PAD = torch.inf  # the margin of a padding entry, which holds no sample


class Stacked:
    """The stacked vector (w, -w, PAD) of a batch, from which margins are gathered.

    A sample's margin is the sum of one row per non-zero entry. The last row belongs to no sample and satisfies any
    loss. If no sample needs -w (``signed`` is false), -w is left out.
    """

    def __init__(self, d: int, run: int, signed: bool, like: Tensor) -> None:
        self.rows: Float[Tensor, "row run"] = like.new_full(((2 if signed else 1) * d + 1, run), PAD)
        self.flat = self.rows.view(-1)
        self.w, self.minus_w = self.rows[:d], self.rows[d : 2 * d]
        self.signed = signed

    def mirror(self) -> None:
        """Fill in -w after a change of ``w``."""
        if self.signed:
            torch.neg(self.w, out=self.minus_w)


def needs_signs(rows: Int[Tensor, "entry sample run"], d: int) -> bool:
    """Whether any sample uses a row of -w."""
    return bool((rows >= d).any())


class Samples:
    """Samples of a batch of networks, ready to gather margins from and to scatter counts to."""

    def __init__(self, rows: Int[Tensor, "entry sample run"], like: Tensor) -> None:
        self.rows = rows
        run = rows.shape[2]
        self.first, *self.others = ((entry * run + torch.arange(run, device=rows.device)).view(-1) for entry in rows)
        self.margin: Float[Tensor, "sample run"] = like.new_empty(rows.shape[1:])
        self.flat = self.margin.view(-1)
        self.term = torch.empty_like(self.flat) if self.others else self.flat

    def margins(self, stacked: Stacked) -> Float[Tensor, "sample run"]:
        """y f(x) for every sample; the result is overwritten by the next call."""
        torch.index_select(stacked.flat, 0, self.first, out=self.flat)
        for index in self.others:
            torch.index_select(stacked.flat, 0, index, out=self.term)
            self.flat.add_(self.term)
        return self.margin

    def adder(
        self, pulling: Float[Tensor, "sample run"], data: Float[Tensor, "padded run"], d: int, signed: bool
    ) -> Callable[[], None]:
        """A function that writes the sum of y x over the samples, each multiplied by ``pulling``, into ``data[:d]``.

        If ``pulling`` is 0 or 1, the sums are whole numbers, which are exact in any order. Other numbers are added in
        the order of the samples. Below its d rows, ``data`` has a row for padding entries. Their ``pulling`` is always
        0, so this row stays 0.
        """
        counts = data.new_zeros(2 * d + 1, data.shape[1]) if signed else data
        flat, source = counts.view(-1), pulling.view(-1)
        plus, minus, out = counts[:d], counts[d : 2 * d], data[:d]

        def add_up() -> None:
            counts.zero_()
            flat.scatter_add_(0, self.first, source)
            for index in self.others:
                flat.scatter_add_(0, index, source)
            if signed:
                torch.sub(plus, minus, out=out)

        return add_up

    def keep(self, near: Tensor, padding_row: int) -> "Samples":
        """The near samples, moved to the front in each network; padding fills the rest."""
        place = near.cumsum(0) - 1
        most = int(place[-1].max()) + 1
        place = torch.where(near, place, most).expand(self.rows.shape)
        packed = self.rows.new_full((self.rows.shape[0], most + 1, self.rows.shape[2]), padding_row)
        return Samples(packed.scatter_(1, place, self.rows)[:, :most].contiguous(), self.margin)
