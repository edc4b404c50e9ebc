"""Check that Model-Conv-k and Model-1-Layer represent the same functions on every input of a task.

Ref: wu2019, Section 2.1
"""

import numpy as np
from jaxtyping import Float

from convbias.checks import columns
from convbias.linear.models import conv, draw_weights, effective_weights, one_layer
from convbias.linear.tasks import Distinct
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.theory import classifiers
from convbias.papers.wu2019.theory.classifiers import effective

SETTINGS = {"tasks": "linear.tasks[]", "d": "even_length", "k": "count", "draws": "count"}

ROUNDING = 1e-12  # relative to the largest |f|; outputs with a smaller difference count as equal


def curves(tasks: list[str], d: int, k: int, draws: int, root_seed: int) -> dict[str, list]:
    """Compare ``draws`` random networks of each model, on each task, with an equivalent network of the other model.

    The weights of the equivalent network are computed from those of the random one. A case is one such pair. It is a
    violation if the two outputs differ on some input by more than 1e-12 of the largest |f|. ``capacity_deviation`` is
    the largest relative difference.
    """
    # names of modules that are imported, so that a change of one runs the check again
    names = [module.__name__.rpartition(".")[2] for module in (conv, one_layer)]
    deviations = []
    for name in tasks:
        points = make_task(name, d).distinct
        for seed in range(draws):
            weights, w = (draw_weights(model, d, k, root_seed, name, 0, [seed], 1.0)[0] for model in names)
            weights = np.delete(weights, slice(k, 2 * k - 1))  # the zeros between the layers
            for layers, own in (weights, effective(weights[:k], weights[k:])), (conv_weights(w, k), w):
                f = margins(names[0], d, k, np.insert(layers, k, np.zeros(k - 1)), points)
                other = margins(names[1], d, k, own, points)
                deviations.append(float(abs(f - other).max() / abs(f).max()))
    values = {
        "capacity_cases": len(deviations),
        "capacity_violations": sum(not deviation <= ROUNDING for deviation in deviations),
        "capacity_deviation": max(deviations),
    }
    return columns([{"quantity": quantity, "d": d, "k": k, "value": value} for quantity, value in values.items()])


def conv_weights(w: Float[np.ndarray, " d"], k: int) -> Float[np.ndarray, " weight"]:
    """The (w1, w2) of Model-Conv-k that represent w'x: w1 = [1, 0, ..., 0] and w2 = w.

    Ref: wu2019, Section 2.1
    """
    return np.concatenate([np.eye(k)[0], w])


def margins(
    model: str, d: int, k: int, weights: Float[np.ndarray, " stored"], points: Distinct
) -> Float[np.ndarray, " row"]:
    """y f(x) of one network, with its weights as they are stored, at every point."""
    return classifiers.margins(points, effective_weights(model, d, k, weights[None])[0])
