"""Width and initial scale: networks against the classifier of their tangent kernel.

Ref: brutzkus2021, Section 1 (over-parameterised networks)
"""

from math import inf

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import finished, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, Test, mean_test, slope_test
from convbias.statistics.summary import select

TABLES = ("detection", "theory")
COMMON = {
    "looks": 2,
    "kind": "extension",
    "where": "Section 1 (extended)",
    "figure": "brutzkus2021-width",
}
CLAIMS = {
    "brutzkus2021-kernel-advantage": {
        "precision": 0.005,
        "over": "k",
        "scope": "gradient descent, noise, 50 samples, initial weights of scale 0.01 to 1",
        "statement": "Gradient descent has a smaller error than its tangent kernel.",
        "statistic": "test error of the classifier of the tangent kernel minus that of the network, on the same "
        "training set",
        "threshold": "above {above} (our threshold) at each scale and number of channels k from 100 on",
        "settings": {"compare": True, "trainings": ["gradient_descent"], "scales": [0.01, 0.1, 1], "above": 0.02},
    },
    "brutzkus2021-kernel-gap": {
        "precision": 0.01,
        "scope": "gradient descent, noise, 50 samples, initial weights of scale 3",
        "statement": "From large initial weights, the error approaches that of the tangent kernel as the network "
        "widens.",
        "statistic": "slope of the test error of the kernel minus that of the network against log10 of the number of "
        "channels from 100 on, for each training set",
        "threshold": "below {below}",
        "settings": {"compare": True, "trainings": ["gradient_descent"], "slope": [3], "below": 0.0},
    },
    "brutzkus2021-width-rises": {
        "precision": 0.01,
        "looks": 3,
        "scope": "Adam and gradient descent, noise, 50 samples",
        "statement": "The error rises with width from large initial weights (scale 3).",
        "statistic": "slope of the test error against log10 of the number of channels from 100 on, for each seed",
        "threshold": "above {above} for both trainings",
        "settings": {"slope": [3], "above": 0.0},
    },
    "brutzkus2021-width-flat": {
        "precision": 0.005,
        "scope": "Adam and gradient descent, noise, 50 samples",
        "statement": "The error does not rise with width from small initial weights (scales 0.01 and 0.1).",
        "statistic": "slope of the test error against log10 of the number of channels from 100 on, for each seed",
        "threshold": "below {below} (our threshold) for both trainings and scales",
        "settings": {"slope": [0.01, 0.1], "below": 0.02},
    },
}
FEWEST = 100  # channels; below this, errors of networks with few filters rise


def evidence(
    tables: Tables,
    experiments: list[str],
    trainings: tuple[str, ...] | list[str] = ("adam", "gradient_descent"),
    compare: bool = False,
    scales: tuple[float, ...] | list[float] = (),
    slope: tuple[float, ...] | list[float] = (),
    above: float = -inf,
    below: float = inf,
) -> Evidence:
    """A test for each width from 100 on at the ``scales``, and one over widths for each scale of ``slope``.

    The tested value is the test error, or its gap to the kernel if ``compare`` is true.

    Ref: brutzkus2021, Section 1 (over-parameterised networks)

    Raises:
        InsufficientData: a training or scale has fewer than two widths.
    """
    errors = errors_by_width(tables["detection"], experiments)
    sub_tests: list[Test] = []
    for training in trainings:
        for scale in (*scales, *slope):
            name = f"{training}, b = {scale:g}"
            values = errors.get((training, scale), pd.DataFrame())
            values = values[[k for k in values if k >= FEWEST]]
            if values.shape[1] < 2:
                raise InsufficientData(
                    f"{name}: there are networks with {list(values)} channels; two widths are needed"
                )
            if compare:
                rows = rows_of(tables["theory"], experiments, quantity="kernel_noisy_error", n_train=50)
                kernel = rows[rows["init_scale"] == scale].set_index("seed")["value"]
                values = values.rsub(kernel, axis=0).loc[values.index]
            if scale in scales:
                sub_tests += [mean_test(f"{name}, k = {k}", values[k], above, below) for k in values]
            else:
                x = np.log10(values.columns.to_numpy(dtype=float))
                sub_tests.append(slope_test(f"{name}: slope", x, values, above, below, least=2))
    return sub_tests


def errors_by_width(detection: pd.DataFrame, experiments: list[str]) -> dict[tuple[str, float], pd.DataFrame]:
    """For each training and initial scale the test errors with noise at 50 samples, by seed (rows) and width.

    A network that several experiments contain is taken from the first of them.

    Ref: brutzkus2021, Section 1 (over-parameterised networks)
    """
    rows = select(detection, experiments, task="orthogonal", model="conv_pool", noise=1, n_train=50)
    rows = finished(rows.sort_values("experiment", key=lambda names: names.map(experiments.index), kind="stable"))
    rows = rows.drop_duplicates(["training", "init_scale", "width", "seed"])
    return {
        key: own.pivot(index="seed", columns="width", values="finished_error")  # noqa: PD010 (no averaging)
        for key, own in rows.groupby(["training", "init_scale"])
    }
