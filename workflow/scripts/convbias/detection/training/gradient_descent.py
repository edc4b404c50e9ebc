"""Gradient descent on the mean logistic loss, until the loss is small and no training sample is misclassified.

Ref: Jacot, Gabriel, Hongler (NeurIPS 2018), the parametrisation in which a wide network has a tangent kernel
"""

from convbias.detection.models._network import Network
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.detection.training._both_layers import Parameter, train_by
from convbias.progress import Report, no_progress

GPU = True


def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """Train W with ``learning_rate``, and a with that rate divided by the number of hidden features.

    In f(x) = sum_i a_i h_i(x) the initial a_i are of order 1 / sqrt(hidden). The squared gradients of f then sum to
    order 1 over W, and to order ``hidden`` over a. With these two rates, a step changes f by the same order at any
    width. They are equal rates for W and alpha in f = hidden^(-1/2) sum_i alpha_i h_i.
    """

    def rule(first: Parameter, second: Parameter):  # type: ignore[no-untyped-def]
        def step() -> None:
            for (weights, gradient), rate in zip((first, second), (1, 1 / model.hidden), strict=True):
                weights.sub_(gradient, alpha=settings.learning_rate * rate)

        return step

    return train_by(rule, settings, model, data, seeds, device, report)
