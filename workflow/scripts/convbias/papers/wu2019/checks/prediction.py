"""How well the closed form predicts the hinge test error of each initialisation, without training.

Ref: wu2019, Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from convbias.checks import columns
from convbias.linear.tasks import Task
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.initialisations import hinge_networks
from convbias.papers.wu2019.theory import stopping
from convbias.papers.wu2019.theory.classifiers import effective, error
from convbias.papers.wu2019.theory.svd_estimate import estimate, mean_matrix
from convbias.papers.wu2019.theory.xhinge import xhinge_weights

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "initialisations": (2, 10000),
    "shown": "count",
    "learning_rate": "positive",
    "init_scale": "positive",
    "step_limit": "count",
}
GAPS = ("mean", "first", "limit")
CORRELATIONS = ("mean", "first", "time", "alignment")


def curves(
    tasks: list[str],
    d: int,
    k: int,
    n_train: list[int],
    seeds: int,
    initialisations: int,
    shown: int,
    learning_rate: float,
    init_scale: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """Rows for each training set, over its initial weights, all in ``prediction_<task>_<name>``.

    * ``<name>_gap``: the mean distance between a prediction and the test error of hinge training. Predictions are the
      errors of X-hinge at the mean margin of 1 (``mean``) and at T_1 (``first``), and of its limit (``limit``).
    * ``<name>_correlation``: Spearman's correlation with the test error of hinge training, of ``mean`` and ``first``,
      of T_1 itself (``time``), and of minus the alignment of the initial weights with the limit (``alignment``).
    * ``predicted`` and ``trained``: the prediction ``mean`` and the error of each network, for the first ``shown``
      training sets; ``seed`` is that of the initial weights.

    The training sets and initial weights are those of the experiments. A value is missing if a network did not reach
    loss 0; a correlation also if all values are equal.

    Ref: wu2019, Section 6
    """
    rows = []
    for name in tasks:
        task = make_task(name, d)
        for size in n_train:
            networks = hinge_networks(
                task, k, size, seeds, initialisations, learning_rate, init_scale, step_limit, root_seed
            )
            limits = estimate(task, networks.points, k).gaussian_test_error
            common = {"d": d, "k": k, "n_train": size, "init_scale": init_scale}
            for seed, points in enumerate(networks.points):
                own, errors = networks.of_set(seed), networks.errors_of_set(seed)
                w1, w2 = networks.starts[own, :k], networks.starts[own, 2 * k - 1 :]
                found = {**predictions(task, points, w1, w2, learning_rate), "limit": np.full(len(w1), limits[seed])}
                for of, kinds, measure in (("gap", GAPS, gap), ("correlation", CORRELATIONS, correlation)):
                    rows += [
                        {
                            **common,
                            "quantity": f"prediction_{name}_{kind}_{of}",
                            "seed": seed,
                            "value": None if errors is None else measure(found[kind], errors),
                        }
                        for kind in kinds
                    ]
                if seed < shown and errors is not None:
                    rows += [
                        {**common, "quantity": f"prediction_{name}_{kind}", "seed": init_seed, "value": value}
                        for kind, column in (("predicted", found["mean"]), ("trained", errors))
                        for init_seed, value in enumerate(column, own.start)
                    ]
    return columns(rows)


def gap(prediction: Float[np.ndarray, " run"], errors: Float[np.ndarray, " run"]) -> float:
    """The mean distance."""
    return float(abs(prediction - errors).mean())


def correlation(prediction: Float[np.ndarray, " run"], errors: Float[np.ndarray, " run"]) -> float:
    """Spearman's correlation; NaN if all values of one are equal."""
    varies = np.ptp(prediction) > 0 and np.ptp(errors) > 0
    return float(stats.spearmanr(prediction, errors).statistic) if varies else np.nan


def predictions(
    task: Task,
    points: Int[np.ndarray, " n_train"],
    w1: Float[np.ndarray, "run k"],
    w2: Float[np.ndarray, "run d"],
    learning_rate: float,
) -> dict[str, Float[np.ndarray, " run"]]:
    """What the closed form says about each pair of initial weights on one training set: see ``curves``."""
    matrix = mean_matrix(task, points, w1.shape[1])
    last = stopping.mean_margin_step(matrix, w1, w2, learning_rate)
    first = stopping.first_margin_step(task, points, matrix, w1, w2, learning_rate, last)
    mean_error, first_error = (
        error(task.distinct, effective(*xhinge_weights(matrix, w1, w2, learning_rate, steps)))
        for steps in (last, first)
    )
    return {
        "mean": mean_error,
        "first": first_error,
        "time": first.astype(float),
        "alignment": -stopping.alignment(matrix, w1, w2),
    }
