"""Model-1-Layer: f(x) = w'x."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from convbias.linear.models import Layer


@dataclass(frozen=True)
class OneLayer:
    """A linear classifier without a convolution layer; its weights are its effective weights.

    Ref: wu2019, Section 2.1, Model-1-Layer
    """

    d: int
    padding: int = 1
    working_rows: int = 0

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (Layer("w", self.d),)

    def effective(self, weights: Float[Tensor, "d run"], out: Float[Tensor, "d run"]) -> Callable[[], object]:
        """The weights themselves."""
        return lambda: out.copy_(weights)

    def step(
        self, weights: Float[Tensor, "d run"], data: Float[Tensor, "padded run"], rate: float
    ) -> Callable[[], object]:
        """w += rate * sum of y x, which is in the first d rows of ``data``."""
        pull = data[: self.d]
        return lambda: weights.add_(pull, alpha=rate)


def make(d: int, k: int) -> OneLayer:
    """The one-layer classifier; it has no filter and ignores k."""
    return OneLayer(d)
