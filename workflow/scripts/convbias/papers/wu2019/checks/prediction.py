"""How well the closed form predicts the hinge test error of each initialisation, without training.

Ref: wu2019, Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from convbias.checks import columns
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights
from convbias.linear.tasks import Task, draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.theory import stopping
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
    # names of modules that are imported, so that a change of one runs the check again
    loss, model = (module.__name__.rpartition(".")[2] for module in (hinge, conv))
    rows = []
    for name in tasks:
        task = make_task(name, d)
        for size in n_train:
            points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
            init_seeds = list(range(seeds * initialisations))
            starts = draw_weights(model, d, k, root_seed, name, size, init_seeds, init_scale)
            each = points.repeat(initialisations, axis=0)
            trained = train(task, model, loss, k, starts, each, learning_rate, step_limit)
            layers = starts[:, :k], starts[:, 2 * k - 1 :]
            limits = estimate(task, points, k).gaussian_test_error
            common = {"d": d, "k": k, "n_train": size, "init_scale": init_scale}
            for seed in range(seeds):
                own = slice(seed * initialisations, (seed + 1) * initialisations)
                w1, w2 = (layer[own] for layer in layers)
                found = predictions(task, points[seed], w1, w2, learning_rate)
                found["limit"] = np.full(initialisations, limits[seed])
                errors, fits = trained.errors.test_error[own], set(trained.stopped[own]) == {"zero_loss"}
                values = {f"{kind}_gap": abs(found[kind] - errors).mean() for kind in ("mean", "first", "limit")}
                for kind in ("mean", "first", "time", "alignment"):
                    varies = np.ptp(errors) > 0 and np.ptp(found[kind]) > 0
                    values[f"{kind}_correlation"] = stats.spearmanr(found[kind], errors).statistic if varies else np.nan
                rows += [
                    {**common, "quantity": f"prediction_{name}_{kind}", "seed": seed, "value": value if fits else None}
                    for kind, value in values.items()
                ]
                if seed < shown and fits:
                    rows += [
                        {**common, "quantity": f"prediction_{name}_{kind}", "seed": init_seed, "value": value}
                        for kind, column in (("predicted", found["mean"]), ("trained", errors))
                        for init_seed, value in zip(init_seeds[own], column, strict=True)
                    ]
    return columns(rows)


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
        stopping.error_of(task, stopping.effective(*xhinge_weights(matrix, w1, w2, learning_rate, steps)))
        for steps in (last, first)
    )
    return {
        "mean": mean_error,
        "first": first_error,
        "time": first.astype(float),
        "alignment": -stopping.alignment(matrix, w1, w2),
    }
