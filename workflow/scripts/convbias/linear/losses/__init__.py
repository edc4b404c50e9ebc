"""The losses of wu2019, as functions of the margin y f(x).

A member of this family is a file with a ``LOSS: Loss``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from torch import Tensor

from convbias import registry


@dataclass(frozen=True)
class Loss:
    """A loss l(margin) that falls, up to the margin ``satisfied``, and is constant from there on.

    Gradient descent uses the slope and ``satisfied``; ``value`` is reported. Training stops when every sample is
    satisfied, the loss then being exactly 0. With ``satisfied`` infinite that never happens, and training takes a set
    number of steps.

    ``slope`` is -l'. Without it, it is 1 up to ``satisfied``; a loss that has one is never satisfied.
    """

    value: Callable[[Tensor], Tensor]
    satisfied: float
    slope: Callable[[Tensor], Tensor] | None = None

    def __post_init__(self) -> None:
        assert self.slope is None or self.satisfied == inf


def make(name: str) -> Loss:
    """The loss of that name."""
    return registry.load("linear.losses", name).LOSS
