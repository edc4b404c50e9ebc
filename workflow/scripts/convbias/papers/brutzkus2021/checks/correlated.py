"""Algorithm 1 on patterns that are not orthogonal: which statements of Lemma 5.3 remain, and the test error.

Ref: brutzkus2021, Lemma 5.3; Corollary 5.4
"""

from dataclasses import replace

import numpy as np
import torch

from convbias.checks import columns
from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.models._network import error, features, outputs
from convbias.detection.training.layerwise import Constants, draw_weights, train_first_layer
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.theory.correlated import correlated, lead, predicted_growth
from convbias.papers.brutzkus2021.theory.lucky_filters import is_lucky
from convbias.papers.brutzkus2021.theory.representation import detectors

SETTINGS = {
    "rho": ["correlation"],
    "d": (3, 50),
    "n_patterns": "patterns_per_input",
    "n_train": (2, 100_000),
    "n_test": "count",
    "seeds": "count",
    "first_layer_steps": "count",
}
ROUNDING = 1e-9  # relative to the largest response


def curves(
    rho: list[float],
    d: int,
    n_patterns: int,
    n_train: int,
    n_test: int,
    seeds: int,
    first_layer_steps: int,
    root_seed: int,
) -> dict[str, list]:
    """For each rho and seed, with l = d patterns and k = 8 d^3 + 1 channels.

    * ``lead_cases``: a step of a lucky filter. ``lead_violations`` counts those in which its lead over a spurious
      pattern falls.
    * ``lucky_growth``: the smallest o_1.w / (T_1 eta_1) of all filters of W+, or o_2.w of W-. Lemma 5.3 promises 1/9.
    * ``predicted_growth``: the bound of ``theory.correlated``.
    * ``other_response``: the largest o_j.w / r of lucky filters at any step, j spurious. Lemma 5.3 promises 1.
    * ``lucky_detectors`` and ``detector_share``: the share of lucky filters, and of all filters, that are detectors
      after training.
    * ``correlated_error``: the error on ``correlated_tests`` inputs with the second layer of maximum margin.
    * ``correlated_complexity``: R^2 ||a_hat||^2 of that layer, with R the largest feature norm on S_2.

    Training sets without a third of each class in S_1 (Equation 14) are left out. ``unbalanced`` counts them.
    """
    k = 8 * d**3 + 1
    constants, model, half = Constants.of(k, first_layer_steps), conv_pool.make(n_patterns, d, k), (n_train + 1) // 2
    rows: list[dict] = []
    unbalanced = 0
    for seed in range(seeds):
        sampler = Sampler("orthogonal", d, d, n_patterns, n_train, root_seed, seed, None)
        drawn, labels = sampler.draw("training set", n_train)
        positive = float((labels[:half] > 0).mean())
        if min(positive, 1 - positive) < 1 / 3:
            unbalanced += 1
            continue
        tests, test_labels = sampler.draw("test set", n_test)
        for each in rho:
            patterns = replace(sampler.patterns, vectors=correlated(sampler.patterns.vectors, each))
            x, x_test = (torch.from_numpy(patterns.inputs(places))[None] for places in (drawn, tests))
            y, y_test = (torch.from_numpy(signs).double()[None] for signs in (labels, test_labels))
            W, a = draw_weights(model, constants.r, root_seed, *sampler.key)
            watch = _Watch(W, torch.from_numpy(patterns.vectors.T), a[0].numpy())
            train_first_layer(model, x[:, :half], y[:, :half], W, a, constants.eta_1, first_layer_steps, watch.observe)
            z = torch.cat(list(features(model, x[:, half:], W)), dim=1)[0]
            second = max_margin((z * y[0, half:, None]).numpy()).weights
            f_test = outputs(model, x_test, W, torch.from_numpy(second)[None])
            own = np.concatenate([watch.responses[mine, sign] for sign, mine in enumerate(watch.lucky)])
            is_detector = detectors(watch.responses, a[0].numpy())
            values = {
                "lead_cases": watch.cases,
                "lead_violations": watch.violations,
                "lucky_growth": own.min(initial=np.inf) / (first_layer_steps * constants.eta_1),
                "predicted_growth": predicted_growth(positive, each),
                "other_response": watch.largest / constants.r,
                "lucky_detectors": is_detector[watch.lucky.positive | watch.lucky.negative].mean(),
                "detector_share": is_detector.mean(),
                "correlated_error": error(f_test, y_test).item(),
                "correlated_tests": n_test,
                "correlated_complexity": second @ second * (z**2).sum(1).max().item(),
            }
            common = {"d": d, "k": k, "n_patterns": n_patterns, "n_train": n_train, "rho": each, "seed": seed}
            rows += [{**common, "quantity": name, "value": float(value)} for name, value in values.items()]
    return columns([*rows, {"quantity": "unbalanced", "d": d, "k": k, "n_train": n_train, "value": unbalanced}])


class _Watch:
    """The lead of the lucky filters of one network, and their largest response to a spurious pattern, at each step."""

    def __init__(self, W: torch.Tensor, patterns: torch.Tensor, a: np.ndarray) -> None:
        self.W, self.patterns = W, patterns
        self.responses = (W[0] @ patterns).numpy()
        self.lucky = is_lucky(self.responses, a)
        self.cases = self.violations = 0
        self.largest = -np.inf

    def observe(self, step: int) -> None:
        """Count the lucky filters whose lead fell in this step, and keep the largest response to a spurious pattern."""
        before, self.responses = self.responses, (self.W[0] @ self.patterns).numpy()
        moved = lead(self.responses, self.lucky) - lead(before, self.lucky)
        if step:
            self.cases += len(moved)
            self.violations += int((moved < -ROUNDING * abs(self.responses).max()).any(1).sum())
        others = self.responses[self.lucky.positive | self.lucky.negative, 2:]
        self.largest = max(self.largest, float(others.max(initial=-np.inf)))
