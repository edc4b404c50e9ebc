"""The losses of wu2019, as functions of the margin y f(x).

A loss is a module with a constant ``LOSS: Loss``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from torch import Tensor

from convbias import registry


@dataclass(frozen=True)
class Loss:
    """A loss l(margin) that decreases up to the margin ``satisfied`` and is constant from there on.

    Gradient descent uses the slope and ``satisfied``; ``value`` is only reported. Training stops when every sample is
    satisfied; the loss is then exactly 0. If ``satisfied`` is infinite, this never happens, and training takes a fixed
    number of steps.

    ``slope`` is -l'. The default slope is 1 up to ``satisfied``. A loss with another slope is never satisfied.
    """

    value: Callable[[Tensor], Tensor]
    satisfied: float
    slope: Callable[[Tensor], Tensor] | None = None

    def __post_init__(self) -> None:
        assert self.slope is None or self.satisfied == inf


def make(name: str) -> Loss:
    """The loss of that name."""
    return registry.load("linear.losses", name).LOSS
