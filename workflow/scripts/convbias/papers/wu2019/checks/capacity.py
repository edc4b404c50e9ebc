"""Check that Model-Conv-k and Model-1-Layer represent the same functions on every input of a task.

Ref: wu2019, Section 2.1
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.checks import columns
from convbias.linear.models import LinearModel, conv, draw_weights, one_layer
from convbias.linear.tasks import make as make_task
from convbias.linear.training.margins import Stacked

SETTINGS = {"tasks": "linear.tasks[]", "d": "even_length", "k": "count", "draws": "count"}

ROUNDING = 1e-12  # relative to the largest |f|; outputs with a smaller difference count as equal


def curves(tasks: list[str], d: int, k: int, draws: int, root_seed: int) -> dict[str, list]:
    """Compare ``draws`` random networks of each model, on each task, with an equivalent network of the other model.

    The weights of the equivalent network are computed from those of the random one. A case is one such pair. It is a
    violation if the two outputs differ on some input by more than 1e-12 of the largest |f|. ``capacity_deviation`` is
    the largest relative difference.
    """
    models: list[LinearModel] = [conv.make(d, k), one_layer.make(d, k)]
    deviations = []
    for name in tasks:
        points = torch.from_numpy(make_task(name, d).rows)
        for seed in range(draws):
            weights, w = (draw_weights(model, root_seed, name, 0, [seed], 1.0)[:, 0].numpy() for model in models)
            for pair in (weights, one_layer_weights(weights[:k], weights[k:])), (conv_weights(w, k), w):
                f, other = (margins(model, own, points) for model, own in zip(models, pair, strict=True))
                deviations.append(float(abs(f - other).max() / abs(f).max()))
    values = {
        "capacity_cases": len(deviations),
        "capacity_violations": sum(not deviation <= ROUNDING for deviation in deviations),
        "capacity_deviation": max(deviations),
    }
    return columns([{"quantity": quantity, "d": d, "k": k, "value": value} for quantity, value in values.items()])


def one_layer_weights(w1: Float[np.ndarray, " k"], w2: Float[np.ndarray, " d"]) -> Float[np.ndarray, " d"]:
    """The w of Model-1-Layer with w'x = sum_i w2_i sum_j w1_j x_{i+j-1}: w_l = sum_j w1_j w2_{l-j+1}.

    Ref: wu2019, Section 2.1
    """
    return np.convolve(w1, w2)[: len(w2)]


def conv_weights(w: Float[np.ndarray, " d"], k: int) -> Float[np.ndarray, " weight"]:
    """The (w1, w2) of Model-Conv-k that represent w'x: w1 = [1, 0, ..., 0] and w2 = w.

    Ref: wu2019, Section 2.1
    """
    return np.concatenate([np.eye(k)[0], w])


def margins(
    model: LinearModel, weights: Float[np.ndarray, " weight"], points: Int[Tensor, "point entry"]
) -> Float[np.ndarray, " point"]:
    """y f(x) of one network at every point, computed as in training."""
    column = torch.from_numpy(weights)[:, None]
    stacked = Stacked(model.d, 1, True, column)
    model.effective(column, stacked.w)()
    stacked.mirror()
    return stacked.rows[points, 0].sum(1).numpy()
