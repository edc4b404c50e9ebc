"""Many initial weights on each of many training sets: networks trained with the hinge loss."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights
from convbias.linear.tasks import Task, draw_points
from convbias.linear.training import Trained, train


class Networks(NamedTuple):
    """Networks of Model-Conv-k after training; those of one training set follow each other.

    ``points`` has the training sets, and ``starts`` the initial weights, as they are stored.
    """

    points: Int[np.ndarray, "set n_train"]
    starts: Float[np.ndarray, "run stored"]
    trained: Trained

    def of_set(self, seed: int) -> slice:
        """The networks of one training set."""
        each = len(self.starts) // len(self.points)
        return slice(seed * each, (seed + 1) * each)

    def errors_of_set(self, seed: int) -> Float[np.ndarray, " run"] | None:
        """Their test errors; None if one of them did not reach loss 0."""
        own = self.of_set(seed)
        fits = set(self.trained.stopped[own]) == {"zero_loss"}
        return self.trained.errors.test_error[own] if fits else None


def hinge_networks(
    task: Task,
    k: int,
    n_train: int,
    seeds: int,
    initialisations: int,
    learning_rate: float,
    init_scale: float,
    step_limit: int,
    root_seed: int,
) -> Networks:
    """Train from ``initialisations`` initial weights on each of the first training sets, both as in the experiments.

    Ref: wu2019, Figure 6 (initial weights)
    """
    # names of modules that are imported, so that a change of one runs the check again
    loss, model = (module.__name__.rpartition(".")[2] for module in (hinge, conv))
    points = np.stack([draw_points(task, root_seed, n_train, seed) for seed in range(seeds)])
    init_seeds = list(range(seeds * initialisations))
    starts = draw_weights(model, task.d, k, root_seed, task.name, n_train, init_seeds, init_scale)
    each = points.repeat(initialisations, axis=0)
    return Networks(points, starts, train(task, model, loss, k, starts, each, learning_rate, step_limit))
