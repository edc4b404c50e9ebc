"""Rosenblatt's perceptron: a hyperplane that separates the training set, if the search finds one.

It decides faster than ``max_margin`` that a large training set is separable. It cannot decide that none is.
"""

from collections.abc import Callable
from functools import cache
from inspect import unwrap

import numpy as np
from jaxtyping import Float

from convbias.compilation import compiled
from convbias.detection.models.svm import SVM
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.progress import Report, no_progress
from convbias.stops import Stop

GPU = False


def train(
    settings: Settings, model: SVM, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """Pass through the training set until no sample is misclassified, or ``step_limit`` times.

    An entry that is 0 in every training input is left out. The steps are passes. The loss is the proportion of samples
    that the last pass misclassified.
    """
    rows, steps = [], []
    stopped: list[Stop] = []
    for x, y, x_test, y_test in zip(data.x, data.y, data.x_test, data.y_test, strict=True):
        inputs, tests = x.reshape(len(x), -1), x_test.reshape(len(x_test), -1)
        used = inputs.any(0)
        w = np.zeros(inputs.shape[1])
        signed = np.ascontiguousarray(inputs[:, used] * y[:, None])
        w[used], passes, wrong = search()(signed, settings.step_limit)
        steps.append(passes)
        stopped.append("separated" if not wrong else "step_limit")
        errors = (float(((points @ w > 0) != (labels > 0)).mean()) for points, labels in ((inputs, y), (tests, y_test)))
        rows.append((wrong / len(y), *errors))
        report(passes, settings.step_limit, len(rows), 0)
    return Outcome(steps, stopped, *map(list, zip(*rows, strict=True)))


def passes_over(signed: Float[np.ndarray, "sample dim"], limit: int):  # type: ignore[no-untyped-def]
    """Add each row y x with y w.x <= 0 to w: w, the number of passes, and the rows that the last pass added."""
    w = np.zeros(signed.shape[1])
    wrong = len(signed)
    passes = 0
    while wrong and passes < limit:
        wrong = 0
        passes += 1
        for row in range(len(signed)):
            if np.dot(w, signed[row]) <= 0:
                w += signed[row]
                wrong += 1
    return w, passes, wrong


@cache
def search() -> Callable:
    """The compiled ``passes_over``."""
    return compiled([unwrap(passes_over)], "perceptron")
