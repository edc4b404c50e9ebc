"""How near small initial weights bring the filter to the X-hinge limit: the law of b, and trained networks.

Ref: wu2019, Lemma 1; Section 6 (future work: how good a weight initialisation is)
"""

import numpy as np

from convbias.checks import columns
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights
from convbias.linear.tasks import draw_points
from convbias.linear.tasks import make as make_task
from convbias.linear.training import train
from convbias.papers.wu2019.theory import stopping
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

SETTINGS = {
    "tasks": "linear.tasks[]",
    "d": "even_length",
    "k": "count",
    "n_train": (1, 2000),
    "seeds": "count",
    "init_scales": ["positive"],
    "learning_rate": "positive",
    "step_limit": "count",
}

# The law holds as b goes to 0. Between these two values, its slope is compared with the exponent.
TINY = (1e-60, 1e-80)
SAME_SLOPE = 0.02


def curves(
    tasks: list[str],
    d: int,
    k: int,
    n_train: int,
    seeds: int,
    init_scales: list[float],
    learning_rate: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """The tangent of the angle between w1 and v, for each b and training set; all names are ``small_b_<task>_<name>``.

    * ``first`` and ``end``: after T_1 steps of hinge training, when the first margin is 1, and at its end. b is in
      ``init_scale``.
    * ``predicted``: by the closed form, at the mean margin of 1.
    * ``first_slope`` and so on: of log tangent against log b, by least squares over all b.
    * ``exponent``: the slope as b goes to 0, from s_1 and s_2.
    * ``law_cases`` and ``law_violations``: training sets on which the slope of the closed form, between two tiny values
      of b, is farther than 0.02 from the exponent; ``law_deviation`` is the largest distance.

    Networks with different b start from multiples of the same weights. A training set on which s_1 is degenerate has no
    v, and is left out. A value is missing if a network did not reach loss 0.

    Ref: wu2019, Lemma 1 (derived)
    """
    # names of modules that are imported, so that a change of one runs the check again
    loss, model = (module.__name__.rpartition(".")[2] for module in (hinge, conv))
    rows, scales = [], np.array([*init_scales, *TINY])
    many = len(init_scales)
    for name in tasks:
        task = make_task(name, d)
        common = {"d": d, "k": k, "n_train": n_train}
        off = []  # how far the slope between tiny values is from the exponent
        for seed in range(seeds):
            points = draw_points(task, root_seed, n_train, seed)
            matrix = mean_matrix(task, points, k)
            _, s, v = top_singular_pairs(matrix)
            if v.shape[1] > 1:
                continue
            starts = scales[:, None] * draw_weights(model, d, k, root_seed, name, n_train, [seed], 1.0)
            w1, w2 = starts[:, :k], starts[:, 2 * k - 1 :]
            steps = stopping.mean_margin_step(matrix, w1, w2, learning_rate)
            predicted = stopping.tangent_after(matrix, w1, w2, learning_rate, steps)
            first = stopping.first_margin_step(task, points, matrix, w1[:many], w2[:many], learning_rate, steps[:many])
            found: dict[str, list[float]] = {"first": [], "end": [], "predicted": predicted[:many].tolist()}
            for start, step in zip(starts, first, strict=False):
                for kind, limit in (("first", int(step)), ("end", step_limit)):
                    network = train(task, model, loss, k, start[None], points[None], learning_rate, limit)
                    lost = kind == "end" and network.stopped != ["zero_loss"]
                    found[kind].append(np.nan if lost else stopping.tangent(v[:, 0], network.weights[:, :k])[0])
            for kind, values in found.items():
                rows += [
                    {**common, "quantity": f"small_b_{name}_{kind}", "seed": seed, "init_scale": b, "value": value}
                    for b, value in zip(init_scales, values, strict=True)
                ]
                slope = np.polyfit(np.log(init_scales), np.log(values), 1)[0] if np.isfinite(values).all() else np.nan
                rows.append({**common, "quantity": f"small_b_{name}_{kind}_slope", "seed": seed, "value": slope})
            exponent = stopping.small_b_exponent(s, learning_rate)
            rows.append({**common, "quantity": f"small_b_{name}_exponent", "seed": seed, "value": exponent})
            off.append(abs(np.diff(np.log(predicted[many:]))[0] / np.diff(np.log(TINY))[0] - exponent))
        counts = {
            "cases": len(off),
            "violations": sum(gap > SAME_SLOPE for gap in off),
            "deviation": max(off, default=0),
        }
        rows += [
            {**common, "quantity": f"small_b_{name}_law_{count}", "value": value} for count, value in counts.items()
        ]
    return columns(rows)
