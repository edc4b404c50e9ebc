"""Train fully connected ReLU networks on Task-Cls, and compare their errors with the bound for any such network.

Ref: wu2019, Section 1; Section 6 (non-linearity)
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.tasks import Task, cls, draw_points
from convbias.linear.training import wrong

SETTINGS = {
    "d": "even_length",
    "width": (1, 1000),
    "depth": [(2, 5)],
    "n_train": [(1, 2000)],
    "seeds": "count",
    "learning_rate": "positive",
    "adam_learning_rate": "positive",
    "step_limit": "count",
}

Layers = list[Float[np.ndarray, "run _ _"]]  # W_1, ..., w as matrices of shape (output, input)
Moments = tuple[Layers, ...]  # running means of gradients and of their squares, which Adam uses
# A step: weights, gradients, moments and the number of the step, from 1 on, to new weights and moments
Rule = Callable[[Layers, Layers, Moments, int], tuple[Layers, Moments]]


class Trained(NamedTuple):
    """The weights after the last step, the number of steps, and whether the training loss is 0."""

    layers: Layers
    steps: Int[np.ndarray, " run"]
    finished: Bool[np.ndarray, " run"]


def curves(
    d: int,
    width: int,
    depth: list[int],
    n_train: list[int],
    seeds: int,
    learning_rate: float,
    adam_learning_rate: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """Train networks of each depth with the hinge loss until it is 0, by gradient descent and by Adam.

    The training sets are those of the experiments with the same d. ``relu_{training}_{depth}_error`` is the test error
    of a network. ``..._seen`` is the part of it at positions that have a sample. ``..._chance`` is that part if half of
    the points at these positions that are not in the training set were wrong. All are empty if the training loss is not
    0.

    ``twins_relu_{training}_{depth}``: a case is a network and its twin, which starts with the opposite columns of W_1
    at all positions without a sample. Bit for bit, it must have the same training. Its outputs must be those of the
    network at the inputs with these coordinates negated. Together the two must misclassify as many points at these
    positions as there are. Anything else is a violation. A training that has not finished counts as well.

    Why it holds: the columns meet no sample, so they change neither an output nor a gradient in training, and no step
    changes them. The outputs of the twin at e_j and -e_j are then a' = f(-e_j) and b' = f(e_j), those of the network
    are a = f(e_j) and b = f(-e_j). The network misclassifies [a < 0] + [b > 0] of these two points, and the twin
    [b < 0] + [a > 0]. The sum is 2, where an output of 0 counts one half. Let the law of W_1 stay the same if a
    column is negated, as with independent weights of a symmetric law. Then the mean error at positions without a sample
    is 1/2. This is so for any depth, activation, loss and step. The training rule must treat a weight and its negative
    alike, as gradient descent and Adam do. A proportion (1 - 1/d)^n of the positions has no sample on average.

    Ref: wu2019, Section 1 (the fully connected two-layer linear classifier); Section 6 (non-linearity)
    """
    task = cls.make(d)
    x, rows = dense(task), []
    for size in n_train:
        points = np.stack([draw_points(task, root_seed, size, seed) for seed in range(seeds)])
        share = np.stack([np.bincount(sample, minlength=len(task)) / size for sample in points])
        seen = np.zeros((seeds, d), dtype=bool)
        np.put_along_axis(seen, task.position[points, 0], True, axis=1)
        signs = np.where(seen, 1.0, -1.0)
        at_seen = seen[:, task.position[:, 0]]
        for layer_count in depth:
            start = draw_layers(d, width, layer_count, root_seed, size, seeds)
            twin_start = [start[0] * signs[:, None], *start[1:]]
            for name, rule in (("gd", partial(descent, learning_rate)), ("adam", partial(adam, adam_learning_rate))):
                one, other = (train(x, task.y, share, each, rule, step_limit) for each in (start, twin_start))
                mistakes = wrong(task.y * outputs(x, one.layers))
                parts = {"error": mistakes, "seen": mistakes * at_seen, "chance": 0.5 * at_seen * (share == 0)}
                violations = differs(x, task.y, one, other, signs, ~at_seen)
                common = {"d": d, "n_train": size}
                prefix = f"relu_{name}_{layer_count}"
                for quantity, part in parts.items():
                    values = np.where(one.finished, part.sum(1) / len(task), np.nan).tolist()
                    rows += [
                        {**common, "quantity": f"{prefix}_{quantity}", "seed": seed, "value": value}
                        for seed, value in enumerate(values)
                    ]
                counts = {"cases": seeds, "violations": int(violations.sum())}
                rows += [{**common, "quantity": f"twins_{prefix}_{key}", "value": n} for key, n in counts.items()]
    return columns(rows)


def dense(task: Task) -> Float[np.ndarray, "point d"]:
    """All points of a dataset as vectors."""
    x = np.zeros((len(task), task.d))
    np.put_along_axis(x, task.position, task.x, axis=1)
    return x


def draw_layers(d: int, width: int, depth: int, root_seed: int, n_train: int, seeds: int) -> Layers:
    """Normal weights with the variance 2 / (number of inputs of a unit), a separate stream for each network."""
    sizes = [d, *[width] * (depth - 1), 1]
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    networks = []
    for seed in range(seeds):
        rng = stream(root_seed, f"ReLU network of depth {depth}", "cls", n_train, seed)
        networks.append([rng.normal(size=shape) * (2 / shape[1]) ** 0.5 for shape in shapes])
    return [np.stack(layer) for layer in zip(*networks, strict=True)]


def activations(x: Float[np.ndarray, "*batch point d"], layers: Layers) -> list[np.ndarray]:
    """The inputs, the outputs of every hidden layer, relu(W_l ... relu(W_1 x)), and those of the network, w'h.

    Each has shape (run, point, unit); the inputs may be the same for all runs.
    """
    values = [x]
    for weights in layers[:-1]:
        values.append(np.maximum(values[-1] @ weights.swapaxes(1, 2), 0))
    return [*values, values[-1] @ layers[-1].swapaxes(1, 2)]


def outputs(x: Float[np.ndarray, "*batch point d"], layers: Layers) -> Float[np.ndarray, "run point"]:
    """f(x) of every network."""
    return activations(x, layers)[-1][..., 0]


def gradient(
    x: Float[np.ndarray, "point d"], y: Int[np.ndarray, " point"], share: Float[np.ndarray, "run point"], layers: Layers
) -> tuple[Layers, Bool[np.ndarray, " run"]]:
    """The gradients of the hinge loss, the sum of share max(0, 1 - y f(x)), and whether it is 0.

    Ref: wu2019, Section 2.1 (hinge loss)
    """
    values = activations(x, layers)
    pulls = share * (y * values[-1][..., 0] < 1)
    back = (-y * pulls)[..., None]
    gradients: Layers = []
    for level in range(len(layers) - 1, -1, -1):
        gradients.insert(0, back.swapaxes(1, 2) @ values[level])
        if level:
            back = (back @ layers[level]) * (values[level] > 0)
    return gradients, ~pulls.any(1)


def descent(rate: float, layers: Layers, gradients: Layers, moments: Moments, step: int) -> tuple[Layers, Moments]:
    """A step of gradient descent, which needs no moments."""
    return [weights - rate * slope for weights, slope in zip(layers, gradients, strict=True)], moments


def adam(rate: float, layers: Layers, gradients: Layers, moments: Moments, step: int) -> tuple[Layers, Moments]:
    """A step of Adam with its usual constants; ``step`` counts from 1."""
    first = [0.9 * mean + 0.1 * slope for mean, slope in zip(moments[0], gradients, strict=True)]
    second = [0.999 * mean + 0.001 * slope**2 for mean, slope in zip(moments[1], gradients, strict=True)]
    scale = rate * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
    epsilon = 1e-8 * (1 - 0.999**step) ** 0.5
    new = [
        weights - scale * mean / (square**0.5 + epsilon)
        for weights, mean, square in zip(layers, first, second, strict=True)
    ]
    return new, (first, second)


def train(
    x: Float[np.ndarray, "point d"],
    y: Int[np.ndarray, " point"],
    share: Float[np.ndarray, "run point"],
    layers: Layers,
    rule: Rule,
    step_limit: int,
) -> Trained:
    """Take steps until the hinge loss is 0, for each network by itself.

    ``share`` is the proportion of each point of the dataset in the training set of each network.
    """
    final = [weights.copy() for weights in layers]
    steps, finished = np.full(len(share), step_limit), np.zeros(len(share), dtype=bool)
    going, moments = np.arange(len(share)), tuple([np.zeros_like(weights) for weights in layers] for _ in range(2))
    for step in range(step_limit + 1):
        gradients, done = gradient(x, y, share[going], layers)
        ending = done if step < step_limit else np.ones_like(done)
        if ending.any():
            for kept, weights in zip(final, layers, strict=True):
                kept[going[ending]] = weights[ending]
            steps[going[ending]], finished[going[ending]] = step, done[ending]
            going = going[~ending]
            layers, gradients = ([array[~ending] for array in arrays] for arrays in (layers, gradients))
            moments = tuple([array[~ending] for array in arrays] for arrays in moments)
        if not len(going):
            break
        layers, moments = rule(layers, gradients, moments, step + 1)
    return Trained(final, steps, finished)


def differs(
    x: Float[np.ndarray, "point d"],
    y: Int[np.ndarray, " point"],
    one: Trained,
    other: Trained,
    signs: Float[np.ndarray, "run d"],
    unseen: Bool[np.ndarray, "run point"],
) -> Bool[np.ndarray, " run"]:
    """Whether a network and its twin, whose first layer starts with these ``signs``, differ from the statement."""
    flipped = [one.layers[0] * signs[:, None], *one.layers[1:]]
    same = (one.steps == other.steps) & (one.finished == other.finished)
    for expected, found in zip(flipped, other.layers, strict=True):
        same &= (expected == found).all(axis=(1, 2))
    same &= (outputs(x * signs[:, None], one.layers) == outputs(x, other.layers)).all(axis=1)
    mistakes = sum(wrong(y * outputs(x, each.layers)) * unseen for each in (one, other))
    return ~(same & (mistakes.sum(axis=1) == unseen.sum(axis=1)))
