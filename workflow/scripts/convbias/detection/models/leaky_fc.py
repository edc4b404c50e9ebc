"""The fully connected network of Equation 8: one hidden layer of leaky ReLUs, of which only the first layer trains."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from convbias.detection.models.mlp import width

TRAININGS = ("sgd",)


@dataclass(frozen=True)
class LeakyFC:
    """N(x) = sum_i a_i psi(w_i . x) with psi(z) = max(alpha z, z).

    As in the analysis that the paper cites (Brutzkus, Globerson, Malach, Shalev-Shwartz, ICLR 2018), half of the a_i
    are 1 / sqrt(k), and the others -1 / sqrt(k).

    Ref: brutzkus2021, Equation 8
    """

    hidden: int
    fan_in: int
    alpha: float = 0.1

    @property
    def n_parameters(self) -> int:
        return self.hidden * (self.fan_in + 1)

    @property
    def a(self) -> Float[np.ndarray, " hidden"]:
        """The second layer."""
        signs = np.where(np.arange(self.hidden) < self.hidden / 2, 1.0, -1.0)
        return signs / self.hidden**0.5

    def outputs(
        self, x: Float[np.ndarray, "sample fan_in"], W: Float[np.ndarray, "hidden fan_in"]
    ) -> Float[np.ndarray, " sample"]:
        """N(x) of every input."""
        responses = x @ W.T
        return np.maximum(self.alpha * responses, responses) @ self.a


def make(n_patterns: int, d: int, channels: int) -> LeakyFC:
    """The network with about as many parameters as ConvPool with that many channels, but at least two neurons."""
    return LeakyFC(max(2, width(n_patterns, d, channels)), n_patterns * d)
