"""How detectors are trained.

A member of this family is a file with the constant ``GPU`` (whether it can use one), and a function
``train(shard, model, data, seeds, device, report) -> Outcome`` for the models that name it in their ``TRAININGS``. It
tells ``report`` now and then how far it is (see ``convbias.progress``).
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
    """What became of each run, with its certificate.

    ``stopped`` says how training ended: ``fitted`` (the loss fell below the target and no training sample is
    misclassified), ``step_limit`` (it should have and did not), ``all_steps`` (it took the steps asked for),
    ``separated`` or ``not_separable`` (a limit, or a maximum margin, and whether there is one) or ``diverged`` (the
    loss is not finite; the errors are then NaN).
    """

    steps: list[int]
    stopped: list[Stop]
    train_loss: list[float]
    train_error: list[float]
    test_error: list[float]


def load(training: str) -> ModuleType:
    """The way to train of that name."""
    return registry.load("detection.training", training)
