"""How close weights are to the X-hinge limit's direction when hinge training stops, and the test error there.

Ref: wu2019, Section 3.1
"""

import numpy as np
from jaxtyping import Float
from scipy import stats

from convbias.checks import columns
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights
from convbias.linear.tasks import draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "initialisations": (2, 10000),
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
    learning_rate: float,
    init_scale: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """A row for each training set, ``closeness_<task>_correlation``: Spearman's correlation over initial weights.

    It is between the test error of hinge training and the distance of the final (w1, w2) from the direction of the
    X-hinge limit from the same initial weights. The distance is 1 minus the cosine of the angle. The training sets and
    initial weights are those of the experiments. The value is missing if a network did not reach loss 0, or if all
    errors are equal.

    Ref: wu2019, Section 3.1 (the variance comes from how close the weights are to the limit direction)
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
            for seed in range(seeds):
                own = slice(seed * initialisations, (seed + 1) * initialisations)
                apart = distances(mean_matrix(task, points[seed], k), starts[own], trained.weights[own], k)
                errors, fits = trained.errors.test_error[own], set(trained.stopped[own]) == {"zero_loss"}
                value = stats.spearmanr(apart, errors).statistic if fits and np.ptp(errors) > 0 else None
                row = {"quantity": f"closeness_{name}_correlation", "d": d, "k": k, "n_train": size}
                rows.append({**row, "value": value if value is None else float(value)})
    return columns(rows)


def distances(
    matrix: Float[np.ndarray, "d k"],
    starts: Float[np.ndarray, "run stored"],
    ends: Float[np.ndarray, "run stored"],
    k: int,
) -> Float[np.ndarray, " run"]:
    """1 minus the cosine of the angle between each network's (w1, w2) and its X-hinge limit.

    Ref: wu2019, Section 3.1; Lemma 1
    """
    u, _, v = top_singular_pairs(matrix)
    ends = np.delete(ends, slice(k, 2 * k - 1), axis=1)  # the zeros between the layers
    start = starts[:, :k] @ v + starts[:, 2 * k - 1 :] @ u
    limits = np.concatenate([start @ v.T, start @ u.T], axis=1)
    return 1 - (ends * limits).sum(1) / np.linalg.norm(ends, axis=1) / np.linalg.norm(limits, axis=1)
