"""Turn trained networks of Model-1-Layer into networks of Model-Conv-k with w1 = e_1, and compare the two.

Ref: wu2019, Section 1 (no generalization advantage)
"""

import numpy as np

from convbias.checks import columns
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights, effective_weights, one_layer
from convbias.linear.tasks import draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.checks.capacity import conv_weights
from convbias.papers.wu2019.theory.classifiers import error, margins

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
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
    learning_rate: float,
    init_scale: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """Train Model-1-Layer with the hinge loss, on the first training sets and from the initial weights of experiments.

    A case is a trained network with weights w. Model-Conv-k then gets w1 = [1, 0, ..., 0] and w2 = w. It is a violation
    if its effective weights or its test error are others, or if its training loss is positive.

    Ref: wu2019, Section 1 (no generalization advantage)
    """
    # names of modules that are imported, so that a change of one runs the check again
    loss, *models = (module.__name__.rpartition(".")[2] for module in (hinge, one_layer, conv))
    rows = []
    for size in n_train:
        violations = []
        for name in tasks:
            task = make_task(name, d)
            points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
            starts = draw_weights(models[0], d, k, root_seed, name, size, list(range(seeds)), init_scale)
            trained = train(task, models[0], loss, k, starts, points, learning_rate, step_limit)
            for w, sample, expected in zip(trained.weights, points, trained.errors.test_error, strict=True):
                stored = np.insert(conv_weights(w, k), k, np.zeros(k - 1))
                own = effective_weights(models[1], d, k, stored[None])[0]
                fits = hinge.value(margins(task.distinct, own, task.distinct.of[sample])).max() == 0
                violations.append(not ((own == w).all() and error(task.distinct, own[None])[0] == expected and fits))
        values = {"first_filter_cases": len(violations), "first_filter_violations": sum(violations)}
        rows += [
            {"quantity": quantity, "d": d, "k": k, "n_train": size, "value": value}
            for quantity, value in values.items()
        ]
    return columns(rows)
