"""The test error against the dimension d and the number l of patterns, on the same training sets.

Ref: brutzkus2021, Section 3 (the set O)
"""

import numpy as np
import torch
from jaxtyping import Float

from convbias.checks import columns
from convbias.detection import tasks
from convbias.detection.models import conv_pool
from convbias.detection.models._network import error, features, outputs
from convbias.detection.settings import Settings
from convbias.detection.training import Data, adam
from convbias.detection.training.layerwise import Constants, train_first_layer
from convbias.draws import stream
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.theory.span import projected_filters

SETTINGS = {
    "d": [(3, 1000)],
    "l": [(3, 1000)],
    "n_patterns": "patterns_per_input",
    "n_train": (4, 1000),
    "n_test": "count",
    "seeds": "count",
    "channels": "count",
    "first_layer_steps": "count",
    "learning_rate": "positive",
    "target_loss": "positive",
    "step_limit": "count",
}


def curves(
    d: list[int],
    l: list[int],
    n_patterns: int,
    n_train: int,
    n_test: int,
    seeds: int,
    channels: int,
    first_layer_steps: int,
    learning_rate: float,
    target_loss: float,
    step_limit: int,
    root_seed: int,
) -> dict[str, list]:
    """For each d with the largest l, and for each l with the smallest d, rows for each training set.

    * ``dimension_limit_error``: the test error of Algorithm 1 in the limit of the second layer's training, from
      ``projected_filters``. Filters have the same directions for all d, and their own lengths.
    * ``dimension_adam_error``: the test error of Adam, from weights of scale 1.

    All training sets of a seed have the same labels. Networks with the same l also have the same training and test
    sets, as numbers of patterns. Training sets of which a half has only one class are left out.

    Ref: brutzkus2021, Section 3 (the set O)
    """
    rows = []
    for length, count in dict.fromkeys([*((length, max(l)) for length in d), *((min(d), count) for count in l)]):
        model = conv_pool.make(n_patterns, length, channels)
        settings = Settings(
            "", "orthogonal", "conv_pool", "adam", length, count, n_patterns, channels, 0.0, "ball",
            n_train, n_test, root_seed, learning_rate, 1.0, target_loss, step_limit, 1, 1,
        )  # fmt: skip
        for seed in range(seeds):
            key = ("orthogonal", n_train, seed)
            patterns = tasks.make("orthogonal", length, count, stream(root_seed, f"{length} dimensions", *key), None)
            (drawn, y), (others, y_test) = (
                tasks.draw(patterns, stream(root_seed, f"{name} set by l", *key), size, n_patterns, name == "test")
                for name, size in (("training", n_train), ("test", n_test))
            )
            half = (n_train + 1) // 2
            if any(len(set(part.tolist())) < 2 for part in (y[:half], y[half:])):
                continue
            normal = stream(root_seed, "projected filters", *key).normal(size=(channels, max(d)))[:, :length]
            units = (np.eye(count)[drawn], y.astype(float), np.eye(count)[others], y_test.astype(float))
            data = Data(patterns.inputs(drawn)[None], units[1][None], patterns.inputs(others)[None], units[3][None])
            values = {
                "dimension_limit_error": limit_error(*units, projected_filters(normal, count), first_layer_steps),
                "dimension_adam_error": adam.train(settings, model, data, [seed], "cpu").test_error[0],
            }
            common = {"d": length, "l": count, "k": channels, "n_patterns": n_patterns, "n_train": n_train}
            rows += [{**common, "seed": seed, "quantity": name, "value": value} for name, value in values.items()]
    return columns(rows)


@torch.no_grad()
def limit_error(
    x: Float[np.ndarray, "sample place l"],
    y: Float[np.ndarray, " sample"],
    x_test: Float[np.ndarray, "test place l"],
    y_test: Float[np.ndarray, " test"],
    filters: Float[np.ndarray, "k l"],
    steps: int,
) -> float:
    """The test error of Algorithm 1 with T_2 = infinity in R^l; half of the filters have a = 1, the others a = -1.

    Ref: brutzkus2021, Section 3 (Algorithm 1)
    """
    k, l = filters.shape
    model, constants, half = conv_pool.make(x.shape[1], l, k), Constants.of(k, steps), (len(y) + 1) // 2
    W = torch.from_numpy(constants.r * filters)[None]
    a = torch.from_numpy(np.where(np.arange(k) % 2, 1.0, -1.0))[None]
    inputs, labels, test, test_labels = (torch.from_numpy(array)[None] for array in (x, y, x_test, y_test))
    train_first_layer(model, inputs[:, :half], labels[:, :half], W, a, constants.eta_1, steps)
    z = torch.cat(list(features(model, inputs[:, half:], W)), dim=1)[0].numpy()
    limit = torch.from_numpy(max_margin(z * y[half:, None]).weights)[None]
    return float(error(outputs(model, test, W, limit), test_labels))
