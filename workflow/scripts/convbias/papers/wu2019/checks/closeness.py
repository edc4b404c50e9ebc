"""How close weights are to the X-hinge limit's direction when hinge training stops, and the test error there.

Ref: wu2019, Section 3.1
"""

import numpy as np
from jaxtyping import Float
from scipy import stats

from convbias.checks import columns
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.initialisations import hinge_networks
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
    rows = []
    for name in tasks:
        task = make_task(name, d)
        for size in n_train:
            networks = hinge_networks(
                task, k, size, seeds, initialisations, learning_rate, init_scale, step_limit, root_seed
            )
            for seed, points in enumerate(networks.points):
                own, errors = networks.of_set(seed), networks.errors_of_set(seed)
                ends = networks.trained.weights[own]
                apart = distances(mean_matrix(task, points, k), networks.starts[own], ends, k)
                varies = errors is not None and np.ptp(errors) > 0
                value = float(stats.spearmanr(apart, errors).statistic) if varies else None
                quantity = f"closeness_{name}_correlation"
                rows.append({"quantity": quantity, "d": d, "k": k, "n_train": size, "value": value})
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
