"""Algorithm 1 with the settings of Theorem 5.1: what its proof says of the features, and of the second layer.

Ref: brutzkus2021, Theorem 5.1; Appendix A; Appendix E; Equation 24; Equation 25
"""

import numpy as np

from convbias.checks import columns
from convbias.detection.training.layerwise import train_second_layer
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.first_layers import train
from convbias.papers.brutzkus2021.theory import representation
from convbias.papers.brutzkus2021.theory.lucky_filters import is_lucky
from convbias.papers.brutzkus2021.theory.pattern_sets import exact_margin

LARGEST = 20  # patterns, up to which all sets of patterns are tried

SETTINGS = {
    "d": [(3, 50)],
    "n_patterns": "patterns_per_input",
    "n_train": (2, 100_000),
    "seeds": "count",
    "first_layer_steps": "count",
    "second_layer_steps": "count",
}


def curves(
    d: list[int],
    n_patterns: int,
    n_train: int,
    seeds: int,
    first_layer_steps: int,
    second_layer_steps: int,
    root_seed: int,
) -> dict[str, list]:
    """For each d = l with k = 8 d^3 + 1 channels, rows for each seed.

    * ``complexity``: R^2 ||a_hat||^2, with R the largest feature norm on S_2, and ``complexity_share``: the same over
      its bound 51200 d.
    * ``separating_margin``: the least margin of v* on all inputs of D, exact up to d = 20, and else a lower bound. The
      proof promises more than 1.
    * ``separating_norm`` and ``feature_norm``: ||v*||^2 and the largest ||z(x)||^2 over their bounds.
    * ``separable``: 1 if the features of S_2 are linearly separable, as D_z is.
    * ``loss_slope``: the log-log slope of L_2 over the last tenth of the steps of the second layer. 1/t has a slope of
      -1.
    * ``direction``: 1 - cos(a, a_hat) at two recorded steps.
    * ``half_margin_steps``: steps until half of the largest margin.
    * ``lucky_share`` and ``detector_share``: the proportion of filters that are lucky before training, and that are
      detectors after it. ``detector_exceptions`` counts detectors that did not respond to their pattern at the start.

    Training sets without a third of each class in S_1 (Equation 14) are left out. ``unbalanced`` counts them.
    """
    rows: list[dict] = []
    for size in d:
        k = 8 * size**3 + 1
        common = {"d": size, "l": size, "k": k, "n_patterns": n_patterns, "n_train": n_train}
        unbalanced = 0
        for seed in range(seeds):
            found = _one(size, k, n_patterns, n_train, seed, first_layer_steps, second_layer_steps, root_seed)
            rows += [{**common, "seed": seed, **row} for row in found]
            unbalanced += not found
        rows.append({**common, "quantity": "unbalanced", "value": unbalanced})
    return columns(rows)


def _one(
    d: int, k: int, n_patterns: int, n_train: int, seed: int, steps: int, second_steps: int, root_seed: int
) -> list[dict]:
    """The rows of one training set, or none if it is not balanced."""
    network = train(d, k, n_patterns, n_train, steps, root_seed, seed)
    if not network.balanced():
        return []
    before, responses, a, constants = network.before, network.responses, network.a, network.constants
    lucky = is_lucky(before, a)
    signed = network.signed
    limit = max_margin(signed)
    norm, largest = float(limit.weights @ limit.weights), float((signed**2).sum(1).max())
    scale = k * constants.eta_1**2 * steps**2
    weight = representation.separating_weight(d, k, constants.eta_1, steps)
    lucky_count = int(lucky.positive.sum() + lucky.negative.sum())
    values = {
        "complexity": norm * largest,
        "complexity_share": norm * largest / representation.complexity_bound(d),
        "separating_margin": exact_margin(responses, lucky, weight, n_patterns)
        if d <= LARGEST
        else representation.smallest_margin(responses, lucky, weight),
        "separating_norm": lucky_count * weight**2 / (2 * 80**2 * d / scale),
        "feature_norm": representation.largest_feature_norm(responses) / (4 * scale),
        "separable": float(limit.separable),
        "lucky_share": lucky_count / k,
        "detector_share": float(representation.detectors(responses, a).mean()),
        "detector_exceptions": representation.late_detectors(before, responses, a),
        "half_margin_steps": representation.steps_to_half_margin(signed / largest**0.5, (norm * largest) ** -0.5),
    }
    record = sorted({*np.geomspace(second_steps / 10, second_steps, 10).astype(int).tolist()})
    directions = []
    for last in (record[0], record[-1]):
        trained, losses = train_second_layer(network.first, constants.eta_2, [step for step in record if step <= last])
        direction = trained[0].numpy()
        cosine = direction @ limit.weights / (direction @ direction * norm) ** 0.5
        directions.append({"quantity": "direction", "step": last, "value": 1 - cosine})
    values["loss_slope"] = representation.slope_of_last_tenth(record, losses)
    return [*({"quantity": name, "value": value} for name, value in values.items()), *directions]
