"""The one-layer classifiers of maximum margin and of minimum norm: their weights at positions without a sample.

Ref: wu2019, Section 5
"""

import numpy as np

from convbias.checks import columns
from convbias.linear.tasks import Task, draw_points
from convbias.linear.tasks import make as make_task
from convbias.margin import max_margin

SETTINGS = {"tasks": "linear.tasks[]", "d": "even_length", "n_train": [(1, 2000)], "seeds": "count"}

ROUNDING = 1e-9  # relative to the largest weight


def curves(tasks: list[str], d: int, n_train: list[int], seeds: int, root_seed: int) -> dict[str, list]:
    """Compute both classifiers on the first ``seeds`` training sets of each task.

    The maximum margin is that of a linear classifier without intercept. The minimum norm is that of the solutions of
    w'x = y, or of least squares if there is none. A case is a training set. It is a violation if a weight is not 0, up
    to 1e-9 of the largest, at a position at which all samples are 0. ``<name>_deviation`` is the largest such weight.

    Ref: wu2019, Section 5 (place 0 on the weights where there are no training samples)
    """
    rows = []
    for size in n_train:
        found: dict[str, list[float]] = {"max_margin": [], "min_norm": []}
        for name in tasks:
            task = make_task(name, d)
            for seed in range(seeds):
                signed = signed_inputs(task, draw_points(task, root_seed, size, seed))
                norm = np.linalg.lstsq(signed, np.ones(size), rcond=None)[0]
                for kind, w in ("max_margin", max_margin(signed).weights), ("min_norm", norm):
                    unseen = ~signed.any(axis=0)
                    found[kind].append(float(abs(w[unseen]).max(initial=0) / abs(w).max()))
        for kind, deviations in found.items():
            values = {
                "cases": len(deviations),
                "violations": sum(not deviation <= ROUNDING for deviation in deviations),
                "deviation": max(deviations),
            }
            for quantity, value in values.items():
                rows.append({"quantity": f"{kind}_{quantity}", "d": d, "n_train": size, "value": value})
    return columns(rows)


def signed_inputs(task: Task, points: np.ndarray) -> np.ndarray:
    """The rows y x of a training set."""
    inputs = np.zeros((len(points), task.d))
    np.put_along_axis(inputs, task.position[points].astype(np.int64), (task.x * task.y[:, None])[points], axis=1)
    return inputs
