"""What learning the filter adds, where the filter goes, and what a sum or a ReLU after it adds or breaks.

Ref: wu2019, Section 6 (future work: convolution as prior knowledge)
"""

import numpy as np
from jaxtyping import Float, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights, frozen_conv, sum_pool
from convbias.linear.tasks import Task, draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.theory import relu_filter
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "draws": "count",
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
    draws: int,
    learning_rate: float,
    init_scale: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """A row for each training set, with one network of each kind; all names are ``filter_<task>_<name>``.

    * ``joint_error``: the test error of Model-Conv-k, whose filter learns.
    * ``random_error``, ``ones_error``, ``limit_error``: of the network with a frozen filter: the initial one, equal
      entries, or v of the X-hinge limit. Each has norm 1. The linear layer starts as that of Model-Conv-k.
    * ``alignment`` and ``start``: the absolute cosine of the angle between v and the filter, learned and initial.
      They are missing if s_1 is degenerate, as is ``limit_error``.
    * ``sum_error``, on Task-Cls: with a sum after the convolution. ``sum_cases`` counts the training sets with a sample
      at position k or later, and ``sum_violations`` those of them with an error.

    ``relu_cases`` counts drawn filters, and ``relu_violations`` those with which a linear layer after the ReLU
    classifies all points of Task-Cls. An error is missing if the network did not reach loss 0.

    Ref: wu2019, Section 6
    """
    rows = []
    for name in tasks:
        task = make_task(name, d)
        for size in n_train:
            points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
            starts = draw_weights("conv", d, k, root_seed, name, size, list(range(seeds)), init_scale)
            found = networks(task, points, starts, k, learning_rate, step_limit)
            common = {"d": d, "k": k, "n_train": size}
            if "sum_error" in found:
                inside = (task.position[points, 0] >= k - 1).any(axis=1)
                for kind, count in (("cases", inside), ("violations", inside & ~(found["sum_error"] == 0))):
                    rows.append({**common, "quantity": f"filter_{name}_sum_{kind}", "value": int(count.sum())})
            for kind, values in found.items():
                rows += [
                    {**common, "quantity": f"filter_{name}_{kind}", "seed": seed, "value": value}
                    for seed, value in enumerate(values)
                ]
    drawn = stream(root_seed, "filters", "cls", 0, k).normal(size=(draws, k))
    y = np.repeat([1.0, -1.0], d)
    solved = sum(relu_filter.separable(relu_filter.responses(w1, d), y) for w1 in drawn)
    for kind, value in (("cases", draws), ("violations", solved)):
        rows.append({"d": d, "k": k, "quantity": f"filter_relu_{kind}", "value": value})
    return columns(rows)


def networks(
    task: Task,
    points: Int[np.ndarray, "run n_train"],
    starts: Float[np.ndarray, "run stored"],
    k: int,
    learning_rate: float,
    step_limit: int,
) -> dict[str, Float[np.ndarray, " run"]]:
    """The numbers of ``curves`` for each training set, with the initial weights of Model-Conv-k."""
    # names of modules that are imported, so that a change of one runs the check again
    loss, joint, frozen, summed = (
        module.__name__.rpartition(".")[2] for module in (hinge, conv, frozen_conv, sum_pool)
    )
    pairs = [top_singular_pairs(mean_matrix(task, own, k)) for own in points]
    simple = np.array([pair.v.shape[1] == 1 for pair in pairs])
    first, v = starts[:, :k], np.stack([pair.v[:, 0] for pair in pairs])
    frozen_at = {"random": first, "ones": np.ones_like(v), "limit": v}
    weights = {"joint": starts}
    for kind, filters in frozen_at.items():
        weights[kind] = starts.copy()
        weights[kind][:, :k] = filters / np.linalg.norm(filters, axis=1, keepdims=True)
    if task.name == "cls":
        weights["sum"] = first
    models, found = {"joint": joint, "sum": summed}, {}
    for kind, own in weights.items():
        trained = train(task, models.get(kind, frozen), loss, k, own, points, learning_rate, step_limit)
        ended = np.array(trained.stopped) == "zero_loss"
        found[f"{kind}_error"] = np.where(ended, trained.errors.test_error, np.nan)
        if kind == "joint":
            for name, filters in (("alignment", trained.weights[:, :k]), ("start", first)):
                cosine = abs((filters * v).sum(1)) / np.linalg.norm(filters, axis=1)
                found[name] = np.where(simple, cosine, np.nan)
    found["limit_error"] = np.where(simple, found["limit_error"], np.nan)
    return found
