"""The maximum-margin classifier on the whole inputs, from quadratic or linear programming.

Ref: brutzkus2021, Section 7 (hard-margin linear SVM); Equation 9
"""

import numpy as np

from convbias.detection.models.svm import SVM
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.margin import max_margin
from convbias.progress import Report, no_progress
from convbias.stops import Stop

GPU = False


def train(
    settings: Settings, model: SVM, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """The maximum-margin hyperplane of each run, or one of least total slack if none separates; always on the CPU.

    The loss is the mean slack (1 - y f(x))_+.
    """
    stopped: list[Stop] = []
    rows = []
    for x, y, x_test, y_test in zip(data.x, data.y, data.x_test, data.y_test, strict=True):
        inputs = x.reshape(len(x), -1)
        separation = max_margin(inputs * y[:, None])
        stopped.append("separated" if separation.separable else "not_separable")
        f, f_test = inputs @ separation.weights, x_test.reshape(len(x_test), -1) @ separation.weights
        loss = 0.0 if separation.separable else float(np.clip(1 - y * f, 0, None).mean())
        rows.append((loss, float(((f > 0) != (y > 0)).mean()), float(((f_test > 0) != (y_test > 0)).mean())))
        report(0, 0, len(rows), 0)
    return Outcome([0] * len(seeds), stopped, *map(list, zip(*rows, strict=True)))
