"""Stochastic gradient descent on the hinge loss, sample by sample, on the first layer only.

Ref: Brutzkus, Globerson, Malach, Shalev-Shwartz (ICLR 2018), the algorithm whose bound brutzkus2021 uses in Section 6
"""

from collections.abc import Callable
from functools import cache
from inspect import unwrap

import numpy as np
from jaxtyping import Float

from convbias import draws
from convbias.compilation import compiled
from convbias.detection.models.leaky_fc import LeakyFC
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.progress import Report, no_progress
from convbias.stops import Stop

GPU = False


def train(
    settings: Settings, model: LeakyFC, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """Pass through the training set until its hinge loss is 0, or ``step_limit`` times.

    The initial weights are uniform within ``init_scale`` / sqrt(fan-in). The steps are the updates: samples with a
    margin below 1. Theory bounds their number by a multiple of ||w*||^2 R^2, whatever the width.
    """
    rows, steps = [], []
    stopped: list[Stop] = []
    shapes = {f"{settings.model} W": (model.hidden, model.fan_in)}
    (starts,) = draws.uniform_weights(settings.root_seed, shapes, settings.task, settings.n_train, seeds)
    for start, x, y, x_test, y_test in zip(starts, data.x, data.y, data.x_test, data.y_test, strict=True):
        inputs, tests = x.reshape(len(x), -1), x_test.reshape(len(x_test), -1)
        W = np.ascontiguousarray(start * (settings.init_scale / model.fan_in**0.5))
        updates = descend()(inputs, y, W, model.a, model.alpha, settings.learning_rate, settings.step_limit)
        with np.errstate(over="ignore", invalid="ignore"):  # of weights that diverged
            f, f_test = model.outputs(inputs, W), model.outputs(tests, W)
            loss = float(np.clip(1 - y * f, 0, None).mean())
        finite = bool(np.isfinite(loss))
        stopped.append("diverged" if not finite else "step_limit" if loss else "zero_loss")
        errors = [float(((out > 0) != (labels > 0)).mean()) for out, labels in ((f, y), (f_test, y_test))]
        rows.append((loss, *errors) if finite else (float("nan"),) * 3)
        steps.append(updates)
        report(updates, 0, len(rows), 0)
    return Outcome(steps, stopped, *map(list, zip(*rows, strict=True)))


def passes_over(  # type: ignore[no-untyped-def]
    x: Float[np.ndarray, "sample fan_in"],
    y: Float[np.ndarray, " sample"],
    W: Float[np.ndarray, "hidden fan_in"],
    a: Float[np.ndarray, " hidden"],
    alpha: float,
    rate: float,
    limit: int,
):
    """Add rate a_i psi'(w_i . x) y x to each w_i, in place, for each sample with a margin below 1: the updates."""
    updates = 0
    for _ in range(limit):
        before = updates
        for s in range(len(x)):
            responses = np.dot(W, x[s])
            f = 0.0
            for i in range(len(a)):
                f += a[i] * (responses[i] if responses[i] > 0 else alpha * responses[i])
            if y[s] * f < 1:
                updates += 1
                for i in range(len(a)):
                    step = rate * y[s] * a[i] * (1.0 if responses[i] > 0 else alpha)
                    for j in range(len(x[s])):
                        W[i, j] += step * x[s, j]
        if updates == before:
            break
    return updates


@cache
def descend() -> Callable:
    """The compiled ``passes_over``."""
    return compiled([unwrap(passes_over)], "sgd")
