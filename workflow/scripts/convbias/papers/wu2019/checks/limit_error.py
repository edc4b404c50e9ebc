"""Compare the error of the X-hinge limit, from drawn initial weights, with the SVD estimate on each training set.

Ref: wu2019, Theorem 2
"""

import numpy as np
from jaxtyping import Float

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.tasks import Task, draw_points
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.theory.svd_estimate import error, estimate, mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights

SETTINGS = {"tasks": "linear.tasks[]", "d": "even_length", "k": "count", "n_train": [(1, 2000)], "seeds": "count"}

DRAWS = 4  # initial weights on each training set
ROUNDING = 1e-9


def curves(tasks: list[str], d: int, k: int, n_train: list[int], seeds: int, root_seed: int) -> dict[str, list]:
    """For each n, check the first ``seeds`` training sets of each task, those of the experiments.

    The initial weights are those of the theorem: w1_0 is Gaussian and w2_0 is 0. A case is a training set.

    * ``bound``: the SVD estimate is at least the error of the limit from each of 4 draws of w1_0. It is also at least
      the expected error, by an exact formula.
    * ``unique``: sigma_1 is simple, and all these errors are equal.

    Ref: wu2019, Theorem 2
    """
    rows = []
    for size in n_train:
        above: list[bool] = []
        different: list[bool] = []
        for name in tasks:
            task = make_task(name, d)
            points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
            estimates = estimate(task, points, k)
            for seed, sample in enumerate(points):
                rng = stream(root_seed, "limit", name, size, seed)
                errors = limit_errors(task, mean_matrix(task, sample, k), rng.normal(size=(DRAWS, k)))
                gaps = np.append(errors, estimates.gaussian_test_error[seed]) - estimates.test_error[seed]
                above.append(not (gaps <= ROUNDING).all())
                if not estimates.degenerate[seed]:
                    different.append(not (abs(gaps) <= ROUNDING).all())
        for statement, violations in ("bound", above), ("unique", different):
            for counted, value in {"cases": len(violations), "violations": sum(violations)}.items():
                rows.append({"quantity": f"{statement}_{counted}", "d": d, "k": k, "n_train": size, "value": value})
    return columns(rows)


def limit_errors(
    task: Task, matrix: Float[np.ndarray, "d k"], starts: Float[np.ndarray, "draw k"]
) -> Float[np.ndarray, " draw"]:
    """The error of the X-hinge limit from each w1_0, with w2_0 = 0, by the outputs of the network itself.

    Ref: wu2019, Equation 3 (given D_tr and w1_0)
    """
    errors = []
    for start in starts:
        w1, w2 = limit_weights(matrix, start, np.zeros(task.d))
        w = np.convolve(w1, w2)[: task.d] / np.linalg.norm(w1) / np.linalg.norm(w2)
        errors.append(error(np.concatenate([w, -w])[task.rows].sum(axis=1)))
    return np.array(errors)
