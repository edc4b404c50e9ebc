"""Average pooling: convolution with non-overlapping filters, ReLU, the mean over patterns, a linear layer."""

from jaxtyping import Float
from torch import Tensor

from convbias.detection.models._pooled import Pooled

TRAININGS = ("adam", "gradient_descent")


class AvgPool(Pooled):
    """f(x) = sum_i a_i (1/n) sum_j sigma(w_i . x[j]), with n places and sigma the ReLU.

    Without noise, f is a linear function of how often each pattern occurs.

    Ref: brutzkus2021, Equation 1 (with a mean instead of the maximum)
    """

    def shares(self, responses: Float[Tensor, "run sample place hidden"]) -> Float[Tensor, "run sample place hidden"]:
        """1/n at each place with a positive response, and 0 elsewhere."""
        return (responses > 0).to(responses.dtype).div_(responses.shape[2])


def make(n_patterns: int, d: int, channels: int) -> AvgPool:
    """The network with that many channels."""
    return AvgPool(channels, d)
