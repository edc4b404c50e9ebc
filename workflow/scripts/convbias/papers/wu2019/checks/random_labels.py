"""Train on labels that are drawn for each point, and compare with other labels of the points that are not drawn.

Ref: wu2019, Section 1 (randomly flip the label)
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights, one_layer, two_layer
from convbias.linear.tasks import Task, draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train, wrong

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "learning_rate": "positive",
    "init_scale": "positive",
    "steps": "count",
}

ROUNDING = 1e-12  # of a sum of two errors, each of which is a rounded ratio


def curves(
    tasks: list[str],
    d: int,
    k: int,
    n_train: list[int],
    seeds: int,
    learning_rate: float,
    init_scale: float,
    steps: int,
    root_seed: int,
) -> dict[str, list]:
    """The number of trained networks of each model, and how many of these violate the statement.

    The label of each point of the dataset is drawn: 1 or -1 with probability 1/2. With these labels, a training set may
    not be separable, so training with the hinge loss ends after ``steps`` steps at most. A twin is trained on the
    dataset in which all points that are not in the training set have the other label, which is as likely. The two
    networks must have the same weights, bit for bit, and their errors on these points must have the sum 1. Then the
    expected error there is 1/2, for every model.

    Ref: wu2019, Section 1 (all models will have the same performance on unseen samples)
    """
    # names of modules that are imported, so that a change of one runs the check again
    loss, *models = (module.__name__.rpartition(".")[2] for module in (hinge, one_layer, two_layer, conv))
    rows = []
    for model in models:
        for size in n_train:
            violations = []
            for name in tasks:
                task = make_task(name, d)
                for seed in range(seeds):
                    points = draw_points(task, root_seed, size, seed)
                    flips = stream(root_seed, "random labels", name, size, seed).integers(2, size=len(task))
                    unseen = ~np.isin(np.arange(len(task)), points)
                    start = draw_weights(model, d, k, root_seed, name, size, [seed], init_scale)
                    w, errors = [], []
                    for signs in (flips, flips ^ unseen):
                        relabelled = replace(task, y=task.y * (1 - 2 * signs))
                        trained = train(relabelled, model, loss, k, start, points[None], learning_rate, steps)
                        w.append(trained.w[0])
                        errors.append(unseen_error(relabelled, trained.w[0], points))
                    same = (w[0] == w[1]).all()
                    violations.append(not (same and abs(sum(errors) - 1) <= ROUNDING))
            values = {"cases": len(violations), "violations": sum(violations)}
            for quantity, value in values.items():
                rows.append({"quantity": f"random_labels_{model}_{quantity}", "d": d, "n_train": size, "value": value})
    return columns(rows)


def unseen_error(task: Task, w: Float[np.ndarray, " d"], points: Int[np.ndarray, " n_train"]) -> float:
    """The error of the effective weights w on all points that are not in the training set.

    Ref: wu2019, Section 1 (performance on unseen samples)
    """
    margin = (w[task.position] * task.x).sum(axis=1) * task.y
    return float(wrong(np.delete(margin, points)[None]).mean())
