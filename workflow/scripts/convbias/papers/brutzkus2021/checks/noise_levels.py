"""Up to which noise max-pooling, and any classifier, separates all inputs; and the errors that noise forces.

Ref: brutzkus2021, Section 7 (independent random noise)
"""

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from convbias.checks import columns
from convbias.detection.noise import noise as draw_noise
from convbias.draws import stream
from convbias.papers.brutzkus2021.theory import noise as theory
from convbias.papers.brutzkus2021.theory.shattering import network_output

SETTINGS = {
    "d": "pattern_length",
    "l": "pattern_length",
    "n_patterns": "patterns_per_input",
    "noise": ["positive"],
    "draws": "count",
    "small_n": [(2, 12)],
    "small_l": [(3, 8)],
}
NEAR = 0.01  # relative distance from a threshold at which inputs are tried
WORST = 300  # inputs for each of these thresholds
FILTERS = 200  # of a network, with random weights
OUTPUT = np.array([1.0, -1.0])  # the second layer of the two pooled filters


def curves(
    d: int,
    l: int,
    n_patterns: int,
    noise: list[float],
    draws: int,
    small_n: list[int],
    small_l: list[int],
    root_seed: int,
) -> dict[str, list]:
    """The four thresholds, ``separable_noise`` to ``overlapping_noise``, and errors at each noise level.

    ``pooled_cases`` counts inputs at a small distance from the threshold of the two filters, for small n and l. Below
    it, with noise that is drawn from the worst directions, none may be misclassified. Above it, the worst one must be.
    ``hidden_cases`` counts pairs of inputs of both classes with the same hull: a random network must not tell them
    apart, and their noise must be the threshold.

    At each level, ``bayes_low`` and ``bayes_high`` are exact bounds on the Bayes error with noise that is uniform in
    the ball. ``bayes_error`` and ``pooled_error``, of the two filters, are means over random inputs with their
    intervals. All levels have the same inputs and the same noise, but for its norm.
    """
    rng = stream(root_seed, "noise levels", "orthogonal", n_patterns, l)
    values = {
        "separable_noise": theory.separable_noise(n_patterns),
        "pooled_noise": theory.pooled_noise(l),
        "hidden_noise": theory.hidden_noise(n_patterns, l),
        "overlapping_noise": theory.overlapping_noise(),
    }
    common = {"d": d, "l": l, "n_patterns": n_patterns}
    rows = [{"quantity": name, **common, "value": value} for name, value in values.items()]
    for n in small_n:
        for size in small_l:
            counts = {
                "pooled_cases": WORST + 1,
                "pooled_violations": pooled_violations(n, size, rng),
                "hidden_cases": 1,
                "hidden_violations": not is_hidden(n, size, rng),
            }
            rows += [{"quantity": name, "l": size, "n_patterns": n, "value": value} for name, value in counts.items()]
    clean = positive_inputs(d, l, n_patterns, draws, rng)
    unit = draw_noise("ball", 1.0, rng, clean.shape)
    for level in noise:
        low, high = theory.bayes_bounds(level, n_patterns, l, d)
        rows += [
            {"quantity": name, **common, "noise": level, "value": value}
            for name, value in (("bayes_low", low), ("bayes_high", high))
        ]
        inputs = clean + level * unit
        outputs = pooled_output(inputs[..., :l])
        for name, errors, scale in (
            ("bayes_error", theory.posterior_error(inputs, l, level), 0.5),
            ("pooled_error", np.where(outputs == 0, 0.5, outputs < 0), 1),
        ):
            half = max(norm.ppf(0.975) * errors.std(ddof=1) / draws**0.5, scale * (1 - 0.025 ** (1 / draws)))
            ends = {"value": errors.mean(), "low": max(0, errors.mean() - half), "high": errors.mean() + half}
            rows.append({"quantity": name, **common, "noise": level, **ends})
    return columns(rows)


def positive_inputs(d: int, l: int, n: int, draws: int, rng: np.random.Generator) -> Float[np.ndarray, "sample n d"]:
    """Positive inputs without noise; the patterns are e_1 ... e_l. By symmetry, they suffice for every error."""
    drawn = rng.integers(2, l, (draws, n))
    drawn[np.arange(draws), rng.integers(n, size=draws)] = 0
    return np.eye(d)[drawn]


def pooled_output(inputs: Float[np.ndarray, "sample n l"]) -> Float[np.ndarray, " sample"]:
    """The output of the network with the two pooled filters."""
    return network_output(inputs, theory.pooled_filters(inputs.shape[2])[None], OUTPUT)[0]


def pooled_violations(n: int, l: int, rng: np.random.Generator) -> int:
    """Inputs below the threshold of the two filters that they misclassify, and the worst one above if they do not."""
    w = theory.pooled_filters(l)
    worst = [-w[0], w[1], w[1] - w[0], rng.normal(size=l)]
    directions = np.array([one / np.linalg.norm(one) for one in worst])
    eps = theory.pooled_noise(l)
    clean = positive_inputs(l, l, n, WORST, rng)
    below = clean + (1 - NEAR) * eps * directions[rng.integers(len(directions), size=clean.shape[:2])]
    above = np.where(clean[:1, :, :1] == 1, directions[0], directions[1])  # o_1 loses w_1, the others gain w_2
    above = clean[:1] + (1 + NEAR) * eps * above
    return int((pooled_output(below) <= 0).sum() + (pooled_output(above) > 0).sum())


def is_hidden(n: int, l: int, rng: np.random.Generator) -> bool:
    """Whether the pair of inputs has the noise of the threshold, and a random network has the same output on both."""
    pair = theory.hidden_inputs(n, l)
    outputs = network_output(pair, rng.normal(size=(1, FILTERS, l)), rng.normal(size=FILTERS))[0]
    same = abs(outputs[0] - outputs[1]) < 1e-9 * abs(outputs).max()
    return bool(same and abs(theory.noise_of(pair) - theory.hidden_noise(n, l)) < 1e-12)
