"""Training in R^d against training in the span of the patterns: the same responses, except under Adam.

Ref: brutzkus2021, Section 3 (the set O); Equation 15
"""

import torch
from jaxtyping import Float
from torch import Tensor

from convbias.checks import columns
from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.training.adam import adam
from convbias.detection.training.layerwise import Constants, draw_weights, train_first_layer

SETTINGS = {
    "d": [(3, 1000)],
    "l": (3, 1000),
    "n_patterns": "patterns_per_input",
    "n_train": "count",
    "seeds": "count",
    "channels": "count",
    "steps": "count",
    "learning_rate": "positive",
    "adam_learning_rate": "positive",
}
ROUNDING = 1e-9  # relative to the largest response


def curves(
    d: list[int],
    l: int,
    n_patterns: int,
    n_train: int,
    seeds: int,
    channels: int,
    steps: int,
    learning_rate: float,
    adam_learning_rate: float,
    root_seed: int,
) -> dict[str, list]:
    """Rows for each d and training set, after ``steps`` steps from the same weights.

    One network trains in R^d, the other in R^l: its patterns are the unit vectors, and its filters have the responses
    of the first. A case is a network that Algorithm 1 (its first layer) or gradient descent trains. It violates the
    statement if a response differs by more than 1e-9 of the largest one. ``span_deviation`` is the largest difference,
    and ``span_adam`` the difference under Adam.

    Ref: brutzkus2021, Section 3 (the set O)
    """
    rows = []
    rates = {"layerwise": 0.0, "gradient_descent": learning_rate, "adam": adam_learning_rate}
    for length in d:
        model, small = (conv_pool.make(n_patterns, size, channels) for size in (length, l))
        for seed in range(seeds):
            sampler = Sampler("orthogonal", length, l, n_patterns, n_train, root_seed, seed, None)
            drawn, labels = sampler.draw("training set", n_train)
            vectors, units = torch.from_numpy(sampler.patterns.vectors), torch.eye(l, dtype=torch.float64)
            y = torch.from_numpy(labels).double()[None]
            away = {}
            for training, rate in rates.items():
                r = Constants.of(channels, steps).r if training == "layerwise" else 1.0
                W, a = draw_weights(model, r, root_seed, *sampler.key)
                a = a if training == "layerwise" else a / channels**0.5
                responses = []
                for network, patterns, filters in ((model, vectors, W), (small, units, W @ vectors.T)):
                    x = patterns[torch.from_numpy(drawn)][None]
                    responses.append(train(training, network, x, y, filters, a.clone(), steps, rate) @ patterns.T)
                away[training] = float((responses[0] - responses[1]).abs().max() / responses[1].abs().max())
            values = {"span_adam": away.pop("adam"), "span_cases": len(away), "span_deviation": max(away.values())}
            values["span_violations"] = sum(value > ROUNDING for value in away.values())
            common = {"d": length, "l": l, "k": channels, "n_patterns": n_patterns, "n_train": n_train, "seed": seed}
            rows += [{**common, "quantity": name, "value": value} for name, value in values.items()]
    return columns(rows)


@torch.no_grad()
def train(
    training: str,
    model: conv_pool.ConvPool,
    x: Float[Tensor, "1 sample place d"],
    y: Float[Tensor, "1 sample"],
    W: Float[Tensor, "1 hidden d"],
    a: Float[Tensor, "1 hidden"],
    steps: int,
    rate: float,
) -> Float[Tensor, "1 hidden d"]:
    """The filters after training, in place: the first layer of Algorithm 1, or both layers by the other trainings.

    Ref: brutzkus2021, Equation 15
    """
    if training == "layerwise":
        train_first_layer(model, x, y, W, a, Constants.of(model.hidden, steps).eta_1, steps)
        return W
    W_grad, a_grad = torch.empty_like(W), torch.empty_like(a)
    gradient = model.gradient(x, y, W, a, W_grad, a_grad)
    step = adam([(W, W_grad), (a, a_grad)], rate)
    for _ in range(steps):
        gradient()
        if training == "adam":
            step()
        else:
            W.sub_(W_grad, alpha=rate)
            a.sub_(a_grad, alpha=rate / model.hidden)
    return W
