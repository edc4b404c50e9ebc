"""Algorithm 1, LW_CNN: gradient descent on the first layer with half of the training set, then on the second layer.

Ref: brutzkus2021, Section 3 (Algorithm 1, Figure 2)
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from inspect import unwrap

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from convbias import draws
from convbias.compilation import compiled
from convbias.detection.models._network import Network, error, features, outputs
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.progress import Report, no_progress

GPU = False  # an H200 took 45 times as long as 16 cores: the steps are many and small


@dataclass(frozen=True)
class Constants:
    """Step sizes and initial radius, the largest that Theorem 5.1 allows (eta_2: half of that).

    Ref: brutzkus2021, Theorem 5.1
    """

    eta_1: float
    eta_2: float
    r: float

    @classmethod
    def of(cls, channels: int, first_layer_steps: int) -> "Constants":
        """eta_1 = 1 / (4 k (T_1 + 1)), eta_2 = 4 k < 8 k and r = eta_1 / 200."""
        eta_1 = 1 / (4 * channels * (first_layer_steps + 1))
        return cls(eta_1, 4.0 * channels, eta_1 / 200)


@dataclass(frozen=True)
class FirstLayer:
    """A network after the first stage of Algorithm 1, with the features z(x) of the second half of the training set."""

    W: Float[Tensor, "run hidden d"]
    a: Float[Tensor, "run hidden"]  # still a^(0)
    z: Float[Tensor, "sample hidden"]
    y: Float[Tensor, " sample"]


@torch.no_grad()
def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """T_1 and T_2 steps on the two layers, in double precision, with the step sizes of Theorem 5.1.

    The loss is L_2, that of the second half of the training set. The training error is that of the whole training set.
    """
    return train_both(settings, model, data, seeds, report, split=True)


def train_both(
    settings: Settings, model: Network, data: Data, seeds: list[int], report: Report, split: bool
) -> Outcome:
    """Train both layers, each on its half of the training set, or both on all of it."""
    rows, steps = [], settings.first_layer_steps + settings.second_layer_steps
    for run, seed in enumerate(seeds):
        first = first_part(settings, model, data, run, seed, split)
        a, loss = train_second_layer(first, Constants.of(settings.channels, 1).eta_2, [settings.second_layer_steps])
        rows.append((loss[0], *errors(model, data, run, first.W, a)))
        report(steps, steps, run + 1, 0)
    return Outcome([steps] * len(seeds), ["all_steps"] * len(seeds), *map(list, zip(*rows, strict=True)))


def first_part(settings: Settings, model: Network, data: Data, run: int, seed: int, split: bool = True) -> FirstLayer:
    """Train the first layer on S_1, and compute the features of S_2, which needs at least one sample.

    Without the split, both S_1 and S_2 are the whole training set.
    """
    x, y = (torch.from_numpy(array[run : run + 1]).double() for array in (data.x, data.y))
    half = (settings.n_train + 1) // 2
    one, two = (slice(half), slice(half, None)) if split else (slice(None), slice(None))
    constants = Constants.of(settings.channels, settings.first_layer_steps)
    W, a = draw_weights(model, constants.r, settings.root_seed, settings.task, settings.n_train, seed)
    train_first_layer(model, x[:, one], y[:, one], W, a, constants.eta_1, settings.first_layer_steps)
    return FirstLayer(W, a, torch.cat(list(features(model, x[:, two], W)), dim=1)[0], y[0, two])


def train_first_layer(
    model: Network,
    x: Float[Tensor, "run sample place d"],
    y: Float[Tensor, "run sample"],
    W: Float[Tensor, "run hidden d"],
    a: Float[Tensor, "run hidden"],
    eta_1: float,
    steps: int,
    observe: Callable[[int], None] = lambda step: None,
) -> None:
    """W^(t) = W^(t-1) - eta_1 dL_1/dW (W^(t-1), a^(0)), in place; ``observe(t)`` is called at t = 0 ... T_1."""
    W_grad, a_grad = torch.empty_like(W), torch.empty_like(a)
    gradient = model.gradient(x, y, W, a, W_grad, a_grad)
    observe(0)
    for step in range(1, steps + 1):
        gradient()
        W.sub_(W_grad, alpha=eta_1)
        observe(step)


def train_second_layer(
    first: FirstLayer, eta_2: float, record: Collection[int]
) -> tuple[Float[Tensor, "run hidden"], list]:
    """Gradient descent on L_2 for a only, up to the last step in ``record``: a, and L_2 at each of these steps.

    If Z has the rows y_i z_i, then a^(t) = a^(0) + Z' c^(t). A step therefore needs only the Gram matrix Z Z', and its
    cost does not depend on the number of features.
    """
    z, y = first.z, first.y
    signed, rate = z * y[:, None], eta_2 / len(y)
    gram, initial, c = (signed @ signed.T).numpy(), (signed @ first.a[0]).numpy(), np.zeros(len(y))
    margin, losses, taken = initial.copy(), {}, 0
    for step in sorted(record):
        descent()(gram, initial, rate, step - taken, c, margin)
        losses[step], taken = float(np.logaddexp(0, -margin).mean()), step
    return first.a + (signed.T @ torch.from_numpy(c))[None], [losses[step] for step in record]


def descend(  # type: ignore[no-untyped-def]
    gram: Float[np.ndarray, "sample sample"],
    initial: Float[np.ndarray, " sample"],
    rate: float,
    steps: int,
    c: Float[np.ndarray, " sample"],
    margin: Float[np.ndarray, " sample"],
):
    """Take steps c = c + rate sigma(-margin), with margin = initial + Z Z' c, in place."""
    for _ in range(steps):
        for i in range(len(c)):
            c[i] += rate / (1 + math.exp(margin[i]))
        margin[:] = initial
        for i in range(len(c)):
            for j in range(len(c)):
                margin[j] += gram[i, j] * c[i]


@cache
def descent() -> Callable:
    """The compiled ``descend``."""
    return compiled([unwrap(descend)], "second-layer")


def errors(model: Network, data: Data, run: int, W: Tensor, a: Tensor) -> tuple[float, float]:
    """The training and the test error of one run."""
    sets = ((data.x, data.y), (data.x_test, data.y_test))
    pairs = ((torch.from_numpy(array[run : run + 1]).to(W) for array in pair) for pair in sets)
    train, test = (error(outputs(model, x, W, a), y).item() for x, y in pairs)
    return train, test


def draw_weights(
    model: Network, r: float, root_seed: int, task: str, n_train: int, seed: int
) -> tuple[Float[Tensor, "1 hidden d"], Float[Tensor, "1 hidden"]]:
    """w_i uniform on the sphere of radius r, a_i uniform in {-1, 1}.

    Ref: brutzkus2021, Section 5 (the law of the initial weights)
    """
    W_stream, a_stream = (draws.stream(root_seed, f"layerwise {layer}", task, n_train, seed) for layer in ("W", "a"))
    W = W_stream.standard_normal((1, model.hidden, model.fan_in))
    a = a_stream.choice([-1.0, 1.0], (1, model.hidden))
    return torch.from_numpy(W * (r / np.linalg.norm(W, axis=2, keepdims=True))), torch.from_numpy(a)
