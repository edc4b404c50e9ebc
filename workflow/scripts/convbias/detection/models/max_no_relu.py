"""Max-pooling without ReLU: convolution with non-overlapping filters, the maximum over patterns, a linear layer."""

from math import inf

from convbias.detection.models.conv_pool import ConvPool

TRAININGS = ("adam", "gradient_descent")


class MaxNoReLU(ConvPool):
    """f(x) = sum_i a_i max_j w_i . x[j].

    Ref: brutzkus2021, Equation 1 (without the ReLU)
    """

    floor = -inf


def make(n_patterns: int, d: int, channels: int) -> MaxNoReLU:
    """The network with that many channels."""
    return MaxNoReLU(channels, d)
