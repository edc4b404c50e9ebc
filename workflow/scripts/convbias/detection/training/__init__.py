"""The trainings of detection models.

A training is a module with the constant ``GPU``, which is true if it can use a GPU. Its function
``train(settings, model, data, seeds, device, report) -> Outcome`` trains the models that name it in their
``TRAININGS``. It calls ``report`` now and then with its progress (see ``convbias.progress``).
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from jaxtyping import Float

from convbias import registry
from convbias.stops import Stop


@dataclass(frozen=True)
class Data:
    """The training and test sets of some runs; labels are -1.0 and 1.0."""

    x: Float[np.ndarray, "run sample place d"]
    y: Float[np.ndarray, "run sample"]
    x_test: Float[np.ndarray, "run test place d"]
    y_test: Float[np.ndarray, "run test"]


@dataclass(frozen=True)
class Outcome:
    """The result of each run, with its convergence status.

    ``stopped`` holds the convergence status:

    - ``fitted``: the loss fell below the target and no training sample is misclassified.
    - ``step_limit``: this did not happen within the limit.
    - ``all_steps``: training took all requested steps.
    - ``separated`` or ``not_separable``: the status of a maximum margin or a limit.
    - ``diverged``: the loss is not finite; the errors are NaN.
    """

    steps: list[int]
    stopped: list[Stop]
    train_loss: list[float]
    train_error: list[float]
    test_error: list[float]


def load(training: str) -> ModuleType:
    """The training of that name."""
    return registry.load("detection.training", training)
