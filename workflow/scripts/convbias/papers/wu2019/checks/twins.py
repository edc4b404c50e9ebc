"""Train networks and their twins, whose initial weights have other signs, and compare the two bit for bit.

Ref: wu2019, Section 1 (two layers); Section 3.3.2 (E_1Layer); Proposition 6
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.losses import hinge
from convbias.linear.models import conv, draw_weights, one_layer, two_layer
from convbias.linear.tasks import Task, cls, draw_points, first_person
from convbias.linear.training import train
from convbias.papers.wu2019.checks.sparseness import draw_spaced_positions

SETTINGS = {
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "seeds": "count",
    "draws": "count",
    "learning_rate": "positive",
    "init_scale": "positive",
    "step_limit": "count",
}

ROUNDING = 1e-12  # of a sum of two errors, each of which is a rounded ratio


def curves(
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
    """The number of pairs of twins, and how many of these violate a statement. All are trained with the hinge loss.

    ``twins_one_layer`` and ``twins_two_layer``: at each n, the first ``seeds`` training sets and initial weights of
    Task-Cls and Task-1stCtrl, those of the experiments. The twin negates the initial weights at all positions without a
    sample. Training must be the same, and all predictions at these positions must flip. The two test errors must
    have the proportion of these positions as their sum.

    ``twins_sparse`` and ``twins_spaced``: ``draws`` training sets of Task-Cls. In the first, positions are at least k,
    and 2k or more apart, as Proposition 6 requires. In the second, they are anywhere, and 2k - 1 or more apart. There
    is a twin for each position without a sample. Training must be the same, and the prediction at that position must
    flip.

    Ref: wu2019, Section 1; Section 3.3.2; Proposition 6
    """
    # names of modules that are imported, so that a change of one runs the check again
    loss, *models = (module.__name__.rpartition(".")[2] for module in (hinge, one_layer, two_layer, conv))
    rows = []

    def count(name: str, violations: Bool[np.ndarray, " pair"], **where: int) -> None:
        for quantity, value in {"cases": len(violations), "violations": int(violations.sum())}.items():
            rows.append({"quantity": f"twins_{name}_{quantity}", "d": d, **where, "value": value})

    for model in models[:2]:
        for size in n_train:
            pairs = []
            for module in (cls, first_person):
                task = module.make(d)
                points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
                weights = draw_weights(model, d, k, root_seed, task.name, size, list(range(seeds)), init_scale)
                seen = seen_at(task, points)
                signs = np.where(seen, 1.0, -1.0)
                if model != models[0]:  # the columns of W1, and all of w2 as it is
                    signs = np.concatenate([np.tile(signs, d), np.ones((seeds, d))], axis=1)
                settings = model, loss, k, learning_rate, step_limit
                pairs.append(violates(task, *settings, weights, points, signs, ~seen, halves=True))
            count(model, np.concatenate(pairs), n_train=size)

    task = cls.make(d)
    for name, first, spacing in ("sparse", k, 2 * k), ("spaced", 1, 2 * k - 1):
        pairs = []
        for draw in range(draws):
            rng = stream(root_seed, f"{name} twins", task.name, 0, draw)
            positions = draw_spaced_positions(d, first, spacing, rng) - 1
            points = positions + d * rng.integers(2, size=len(positions))  # e_l or -e_l
            (unseen,) = np.nonzero(~seen_at(task, points[None])[0])
            weights = draw_weights(models[2], d, k, root_seed, task.name, len(points), [draw], init_scale)
            signs = np.stack([sparse_signs(d, k, positions, position) for position in unseen.tolist()])
            starts, sets = (np.repeat(one, len(unseen), axis=0) for one in (weights, points[None]))
            settings = models[2], loss, k, learning_rate, step_limit
            pairs.append(violates(task, *settings, starts, sets, signs, np.eye(d, dtype=bool)[unseen]))
        count(name, np.concatenate(pairs), k=k)
    return columns(rows)


def seen_at(task: Task, points: Int[np.ndarray, "run n_train"]) -> Bool[np.ndarray, "run d"]:
    """Whether each position, counted from 0, has a sample in each training set."""
    seen = np.zeros((len(points), task.d), dtype=bool)
    np.put_along_axis(seen, task.position[points].reshape(len(points), -1), True, axis=1)
    return seen


def sparse_signs(d: int, k: int, positions: Int[np.ndarray, " n_train"], flipped: int) -> Float[np.ndarray, " stored"]:
    """Signs of the weights of Model-Conv-k that flip the prediction at one position and leave the training as it is.

    Positions count from 0, and the samples must be 2k - 1 or more apart. The output at position q is the sum over j = 0
    ... k-1 of w1_j w2_{q-j}. So no two samples use the same entry of w2, and the flipped position shares entries with
    at most one sample, p.

    If there is such a p, at the distance D = |flipped - p| < k, let s(m) be the sign (-1)^floor(m / D). It obeys s(m +
    D) = -s(m). Multiply w1_j by s(j), and w2_{q-j} by s(j) for every sample q. Each term of an output at a sample is
    then multiplied by s(j)^2 = 1. A step keeps the signs, since it adds multiples of w1_j to w2_{q-j}, and of w2_{q-j}
    to w1_j. Multiply w2_{p-m} by s(m) also for m from -D to k-1+D; no other sample uses these entries. The terms at p +
    D and p - D are then multiplied by s(j) s(j - D) = s(j) s(j + D) = -1.

    If there is none, no sample uses the entries that the flipped position uses, and it is enough to negate them.

    Ref: wu2019, Proposition 6
    """
    filter_signs, w2 = np.ones(k), np.ones(d + 2 * k)  # w2 has k more entries on either side
    nearest = positions[abs(positions - flipped).argmin()]
    distance = abs(int(nearest) - flipped)
    if distance < k:
        filter_signs = alternating(np.arange(k), distance)
        for position in np.unique(positions):
            w2[k + position - np.arange(k)] = filter_signs
        around = np.arange(-distance, k + distance)
        around = around[(nearest - around >= -k) & (nearest - around < d + k)]
        w2[k + nearest - around] = alternating(around, distance)
    else:
        w2[k + flipped - np.arange(k)] = -1
    return np.concatenate([filter_signs, np.ones(k - 1), w2[k : k + d]])


def alternating(m: Int[np.ndarray, " m"], distance: int) -> Float[np.ndarray, " m"]:
    """(-1)^floor(m / distance)."""
    return 1.0 - 2 * (m // distance % 2)


def violates(
    task: Task,
    model: str,
    loss: str,
    k: int,
    learning_rate: float,
    step_limit: int,
    weights: Float[np.ndarray, "pair stored"],
    points: Int[np.ndarray, "pair n_train"],
    signs: Float[np.ndarray, "pair stored"],
    flips: Bool[np.ndarray, "pair d"],
    halves: bool = False,
) -> Bool[np.ndarray, " pair"]:
    """Whether a network and its twin, whose initial weights are multiplied by ``signs``, differ from the statement.

    Both must reach loss 0 after the same number of steps, with the same weights up to ``signs``. At the positions of
    ``flips`` their effective weights must be exactly opposite, and not 0. At those of the training set they must be
    the same. If ``halves``, the two test errors must have the proportion of ``flips`` as their sum.
    """
    one, other = (
        train(task, model, loss, k, start, points, learning_rate, step_limit) for start in (weights, weights * signs)
    )
    seen = seen_at(task, points)
    same = (other.weights == one.weights * signs).all(axis=1) & (one.steps == other.steps)
    same &= np.array([[stop == "zero_loss" for stop in each.stopped] for each in (one, other)]).all(axis=0)
    same &= ((other.w == one.w) | ~seen).all(axis=1)
    same &= ((other.w == -one.w) & (one.w != 0) | ~flips).all(axis=1)
    if halves:
        errors = one.errors.test_error + other.errors.test_error
        same &= abs(errors - flips.mean(axis=1)) <= ROUNDING
    return ~same
