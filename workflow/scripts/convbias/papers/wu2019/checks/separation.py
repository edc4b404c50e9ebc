"""Find small training sets that the X-hinge limit does not separate.

Ref: wu2019, Footnote 6
"""

from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Int

from convbias.checks import columns
from convbias.linear.tasks import Task
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.theory.svd_estimate import SAME_MARGIN, limit_margins, mean_matrix
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

SETTINGS = {"tasks": "linear.tasks[]", "d": (2, 10), "k": (1, 10), "n_train": [(1, 4)]}


def curves(tasks: list[str], d: int, k: int, n_train: list[int], root_seed: int) -> dict[str, list]:
    """Try every training set of these sizes, except for the order of its samples, on each task.

    Points with the same margin count as one. ``separation_<task>_sets`` counts the training sets whose top singular
    pair is unique, so that the limit is unique, too. ``separation_<task>_failures`` counts those of them in which the
    limit misclassifies a sample: its margin is below 0. The tasks are linearly separable, so other classifiers do not.

    Ref: wu2019, Footnote 6
    """
    rows = []
    for name in tasks:
        task = make_task(name, d)
        points = np.unique(task.distinct.of, return_index=True)[1]
        for n in n_train:
            sets = np.array(list(combinations_with_replacement(points, n)))
            least = [least_margin(task, sample, k) for sample in sets]
            unique = [margin for margin in least if margin is not None]
            values = {"sets": len(unique), "failures": sum(margin < -SAME_MARGIN for margin in unique)}
            for quantity, value in values.items():
                row = {"quantity": f"separation_{name}_{quantity}", "d": d, "k": k, "n_train": n}
                rows.append({**row, "value": value})
    return columns(rows)


def least_margin(task: Task, points: Int[np.ndarray, " n_train"], k: int) -> float | None:
    """The least margin of the X-hinge limit on a training set; None if the limit depends on the initial weights.

    Ref: wu2019, Footnote 6
    """
    u, _, v = top_singular_pairs(mean_matrix(task, points, k))
    return float(limit_margins(task, u, v)[points].min()) if u.shape[1] == 1 else None
