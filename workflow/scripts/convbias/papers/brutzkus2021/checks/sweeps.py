"""The margin after the first layer, and the filters that become detectors, against d, k, n and T_1, one at a time.

Ref: brutzkus2021, Theorem 5.1; Section 5; Equation 24; Appendix A; Appendix E (against other settings)
"""

from math import nan

import numpy as np
from jaxtyping import Float

from convbias.checks import columns
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.first_layers import train
from convbias.papers.brutzkus2021.theory import representation
from convbias.papers.brutzkus2021.theory.lucky_filters import is_lucky
from convbias.papers.brutzkus2021.theory.pattern_sets import pooled
from convbias.papers.brutzkus2021.theory.votes import expected_detectors

SETTINGS = {
    "d": (3, 50),
    "channels": (1, 100_000),
    "n_patterns": "patterns_per_input",
    "n_train": (4, 100_000),
    "first_layer_steps": (1, 10_000),
    "of_d": [(3, 50)],
    "of_channels": [(1, 100_000)],
    "of_n_patterns": ["patterns_per_input"],
    "of_first_layer_steps": [(1, 10_000)],
    "filters": "count",
    "seeds": "count",
    "rate_seeds": "count",
}
DECADE = np.geomspace(300, 3000, 6)  # log(1 / L_2) at which the direction is recorded


def curves(
    d: int,
    channels: int,
    n_patterns: int,
    n_train: int,
    first_layer_steps: int,
    of_d: list[int],
    of_channels: list[int],
    of_n_patterns: list[int],
    of_first_layer_steps: list[int],
    filters: int,
    seeds: int,
    rate_seeds: int,
    root_seed: int,
) -> dict[str, list]:
    """Rows for each seed and each value of one setting; the other settings are ``d`` to ``first_layer_steps``.

    A quantity has the name of the changed setting in front: ``d_``, ``channels_``, ``n_patterns_`` or
    ``first_layer_steps_``. Step is T_1.

    * ``complexity``: R^2 ||a_hat||^2, with R the largest feature norm on S_2, and ``half_margin_steps``: steps of the
      second layer to half of the largest margin. ``untrained_complexity`` and ``untrained_half_margin_steps``: the same
      for the initial filters. They are missing if the features are not separable.
    * ``detector_share`` and ``lucky_share``: the proportions of filters.
    * ``votes_share``: the proportion of detectors that the vote count on S_1 predicts from ``filters`` other filters.
    * ``votes_right`` and ``sign_right``: the proportion of the first ``filters`` filters of the network that the vote
      count, and the sign of the initial response to their own pattern, predict right.
    * ``rate``, against d only, and for the first ``rate_seeds`` seeds: the log-log slope of 1 - cos(a, a_hat) against
      log(1 / L_2) over a decade.
    """
    base = {"d": d, "channels": channels, "n_patterns": n_patterns, "first_layer_steps": first_layer_steps}
    sweeps = {
        "d": of_d,
        "channels": of_channels,
        "n_patterns": of_n_patterns,
        "first_layer_steps": of_first_layer_steps,
    }
    rows: list[dict] = []
    for sweep, values in sweeps.items():
        for value in values:
            own = {**base, sweep: value}
            at = {"d": own["d"], "k": own["channels"], "n_patterns": own["n_patterns"], "n_train": n_train}
            for seed in range(seeds):
                rate = sweep == "d" and seed < rate_seeds
                found = _one(**own, n_train=n_train, filters=filters, rate=rate, seed=seed, root_seed=root_seed)
                step = own["first_layer_steps"]
                rows += [
                    {**at, "seed": seed, "step": step, "quantity": f"{sweep}_{name}", "value": number}
                    for name, number in found.items()
                ]
    return columns(rows)


def _one(
    d: int,
    channels: int,
    n_patterns: int,
    first_layer_steps: int,
    n_train: int,
    filters: int,
    rate: bool,
    seed: int,
    root_seed: int,
) -> dict[str, float]:
    """The quantities of one network."""
    network = train(d, channels, n_patterns, n_train, first_layer_steps, root_seed, seed)
    a, some = network.a, slice(filters)
    detects = representation.detectors(network.responses, a)
    counted = network.count_votes(network.before[some], a[some], first_layer_steps)
    other, signs = network.new_filters(filters, root_seed, seed)
    of_others = representation.detectors(network.count_votes(other, signs, first_layer_steps), signs)
    untrained = pooled(network.before, network.inputs[network.half :]) * network.y[network.half :, None]
    complexity, steps, slope = _margin(network.signed, rate)
    return {
        "complexity": complexity,
        "half_margin_steps": steps,
        **dict(zip(("untrained_complexity", "untrained_half_margin_steps"), _margin(untrained, False), strict=False)),
        "detector_share": float(detects.mean()),
        "lucky_share": float(sum(lucky.mean() for lucky in is_lucky(network.before, a))),
        "votes_share": float(of_others.mean()),
        "votes_right": float((representation.detectors(counted, a[some]) == detects[some]).mean()),
        "sign_right": float((expected_detectors(network.before[some], a[some]) == detects[some]).mean()),
        **({"rate": slope} if rate else {}),
    }


def _margin(signed: Float[np.ndarray, "sample k"], rate: bool) -> tuple[float, float, float]:
    """R^2 ||a_hat||^2, the steps to half of the margin, and the slope of the direction; NaN if not separable."""
    largest = float((signed**2).sum(1).max())
    rows = signed / largest**0.5
    limit = max_margin(rows)
    if not limit.separable:
        return nan, nan, nan
    complexity = float(limit.weights @ limit.weights)
    slope = nan
    if rate:
        away = representation.directions_at_losses(rows, limit.weights, DECADE)
        slope = float(np.polyfit(np.log(DECADE), np.log(away), 1)[0])
    return complexity, float(representation.steps_to_half_margin(rows, complexity**-0.5)), slope
