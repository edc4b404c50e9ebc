"""Adam on the mean logistic loss, until the loss is small and no training sample is misclassified.

Ref: brutzkus2021, Section 7 (standard training with Adam)
"""

from collections.abc import Callable

import torch
from torch import Tensor

from convbias.detection.models._network import Network
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.detection.training._both_layers import train_by
from convbias.progress import Report, no_progress

GPU = True


def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """Train both layers with ``learning_rate``."""
    return train_by(lambda W, a: adam([W, a], settings.learning_rate), settings, model, data, seeds, device, report)


def adam(
    parameters: list[tuple[Tensor, Tensor]], rate: float, beta_1: float = 0.9, beta_2: float = 0.999, eps: float = 1e-8
) -> Callable[[], None]:
    """A function that takes one step of Adam (Kingma and Ba, 2015, Algorithm 1) on parameters with their gradients.

        m = beta_1 m + (1 - beta_1) g,  v = beta_2 v + (1 - beta_2) g^2
        theta = theta - rate (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + eps)

    This is torch's own step, called directly: torch.optim loads torch's compiler, which takes longer than most of these
    trainings.
    """
    thetas, gradients = (list(tensors) for tensors in zip(*parameters, strict=True))
    m, v = ([torch.zeros_like(theta) for theta in thetas] for _ in range(2))
    steps = [torch.zeros((), device=theta.device) for theta in thetas]

    def step() -> None:
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            thetas, gradients, m, v, [], steps,
            lr=rate, beta1=beta_1, beta2=beta_2, eps=eps, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    return step
