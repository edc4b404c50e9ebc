"""Max-pooling without ReLU: convolution with non-overlapping filters, the maximum over patterns, a linear layer."""

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._pooled import Pooled

TRAININGS = ("adam", "gradient_descent")


class MaxNoReLU(Pooled):
    """f(x) = sum_i a_i max_j w_i . x[j].

    Ref: brutzkus2021, Equation 1 (without the ReLU)
    """

    def shares(self, responses: Float[Tensor, "run sample place hidden"]) -> Float[Tensor, "run sample place hidden"]:
        """1 at the first place with the largest response, and 0 elsewhere."""
        first = responses.argmax(2, keepdim=True)
        return torch.zeros_like(responses).scatter_(2, first, 1)


def make(n_patterns: int, d: int, channels: int) -> MaxNoReLU:
    """The network with that many channels."""
    return MaxNoReLU(channels, d)
