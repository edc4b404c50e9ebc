"""Algorithm 1 with the settings of Theorem 5.1: its lemmas on the filters at each step, and the second loss.

Ref: brutzkus2021, Lemma 5.3; Corollary 5.4; Lemma 5.5; Lemma C.1; Lemma C.2
"""

from collections.abc import Callable

import numpy as np
import torch

from convbias.checks import columns
from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.models._network import features
from convbias.detection.training.layerwise import (
    Constants,
    FirstLayer,
    draw_weights,
    train_first_layer,
    train_second_layer,
)
from convbias.papers.brutzkus2021.theory.lucky_filters import is_lucky

SETTINGS = {
    "d": [(3, 50)],
    "n_patterns": "patterns_per_input",
    "n_train": (2, 100_000),
    "seeds": "count",
    "first_layer_steps": "count",
    "second_layer_steps": "count",
}

LEMMAS = ("lemma5.3", "cor5.4", "lemma5.5", "lemmaC.1", "lemmaC.2")
ROUNDING = 1e-9  # relative; a bound may be missed by this much


def curves(
    d: list[int],
    n_patterns: int,
    n_train: int,
    seeds: int,
    first_layer_steps: int,
    second_layer_steps: int,
    root_seed: int,
) -> dict[str, list]:
    """For each d, with k = 8 d^3 + 1 channels, over ``seeds`` training sets.

    At each step t of the first layer:

    * ``lucky_projection``: the smallest o_1.w / (t eta_1) of all lucky filters, from t = 1. The lemma promises at least
      1/9.
    * ``other_projection``: the largest o_j.w / r of all lucky filters. The lemma promises at most 1.
    * ``response``: the largest x[j].w / (eta_1 t) of all filters. The lemma promises at most 2.
    * ``lemma5.3_cases``: three for each filter of W+ and A+. ``lemma5.3_violations`` counts those that fail.
    * ``cor5.4_cases`` and ``cor5.4_violations``: the same for W- and A-.
    * ``lemma5.5_cases`` and ``lemma5.5_violations``: a case for each filter and pattern.
    * ``lemmaC.1_cases`` and ``lemmaC.1_violations``: a case for each filter, whose norm is at most eta_1 (t + 1).
    * ``lemmaC.2_cases`` and ``lemmaC.2_violations``: a case for each input of S_1, whose |N(x)| is at most 1/2.

    These leave out training sets without a third of each class in S_1 (Equation 14, which must read 1/3).
    ``unbalanced`` counts such training sets. ``second_loss`` is the mean of L_2 at each recorded step of the second
    layer.
    """
    rows = []
    for size in d:
        k = 8 * size**3 + 1
        constants = Constants.of(k, first_layer_steps)
        model = conv_pool.make(n_patterns, size, k)
        half = (n_train + 1) // 2
        record = sorted({0, *np.geomspace(1, second_layer_steps, 25).astype(int).tolist()})
        observed: list[list[dict[str, float]]] = []
        losses, unbalanced = [], 0
        for seed in range(seeds):
            sampler = Sampler("orthogonal", size, size, n_patterns, n_train, root_seed, seed, None)
            patterns, (drawn, labels) = sampler.patterns, sampler.draw("training set", n_train)
            x, y = torch.from_numpy(patterns.inputs(drawn))[None], torch.from_numpy(labels).double()[None]
            W, a = draw_weights(model, constants.r, root_seed, *sampler.key)
            vectors = torch.from_numpy(patterns.vectors.T)
            lemmas = _Lemmas(W[0], a[0], vectors, drawn[:half], labels[:half], constants)
            train_first_layer(model, x[:, :half], y[:, :half], W, a, constants.eta_1, first_layer_steps, lemmas.observe)
            z = torch.cat(list(features(model, x[:, half:], W)), dim=1)[0]
            losses.append(train_second_layer(FirstLayer(W, a, z, y[0, half:]), constants.eta_2, record)[1])
            if min((labels[:half] > 0).mean(), (labels[:half] < 0).mean()) >= 1 / 3:
                observed.append(lemmas.steps)
            else:
                unbalanced += 1
        common = {"d": size, "k": k, "n_patterns": n_patterns, "n_train": n_train}
        for step in range(first_layer_steps + 1) if observed else ():
            of_step = [steps[step] for steps in observed]
            for name, combine in _COMBINE.items():
                value = combine(each[name] for each in of_step)
                if np.isfinite(value):
                    rows.append({**common, "quantity": name, "step": step, "value": value})
        rows.append({**common, "quantity": "unbalanced", "value": unbalanced})
        for step, loss in zip(record, np.mean(losses, axis=0).tolist(), strict=True):
            rows.append({**common, "quantity": "second_loss", "step": step, "value": loss})
    return columns(rows)


_COMBINE: dict[str, Callable] = {
    "lucky_projection": min,
    "other_projection": max,
    "response": max,
    **{f"{lemma}_{count}": sum for lemma in LEMMAS for count in ("cases", "violations")},
}


class _Lemmas:
    """The statements of the lemmas on the filters W of one network, at each observed step."""

    def __init__(
        self, W: torch.Tensor, a: torch.Tensor, patterns: torch.Tensor, drawn: np.ndarray, y: np.ndarray, c: Constants
    ) -> None:
        self.W, self.patterns, self.constants, self.a, self.drawn = W, patterns, c, a.numpy(), drawn
        self.lucky = is_lucky((W @ patterns).numpy(), a.numpy())
        # the patterns that share a positive sample of S_1 with o_1, and those that share a negative one with o_2
        self.shared = [np.setdiff1d(drawn[y == sign], [own]) for own, sign in ((0, 1), (1, -1))]
        self.steps: list[dict[str, float]] = []

    def observe(self, step: int) -> None:
        """Record step t: three statements on W+ and A+, those on W- and A-, and the bounds on filters and outputs."""
        w = (self.W @ self.patterns).numpy()
        eta, r = self.constants.eta_1, self.constants.r
        least, most = np.inf, -np.inf
        counts: dict[str, float] = {}
        for own, (lemma, lucky, shared) in enumerate(zip(("lemma5.3", "cor5.4"), self.lucky, self.shared, strict=True)):
            mine = w[lucky]
            projection, others = mine[:, own], np.delete(mine, own, axis=1).max(1)
            grows = projection >= step * eta / 9 * (1 - ROUNDING)
            stays = others <= r * (1 + ROUNDING)
            detects = projection > mine[:, shared].max(1, initial=0)
            counts[f"{lemma}_violations"] = int((~grows).sum() + (~stays).sum() + (~detects).sum())
            counts[f"{lemma}_cases"] = 3 * len(mine)
            least = min(least, projection.min(initial=np.inf) / (step * eta) if step else np.inf)
            most = max(most, others.max(initial=-np.inf) / r)
        response = w.max() / (eta * step) if step else -np.inf
        counts["lemma5.5_violations"] = int((w > 2 * eta * step * (1 + ROUNDING)).sum()) if step else 0
        counts["lemma5.5_cases"] = w.size if step else 0
        long = np.linalg.norm(self.W.numpy(), axis=1) > eta * (step + 1) * (1 + ROUNDING)
        counts["lemmaC.1_violations"], counts["lemmaC.1_cases"] = int(long.sum()), len(long)
        large = abs(self.a @ np.maximum(w[:, self.drawn], 0).max(2)) > 0.5
        counts["lemmaC.2_violations"], counts["lemmaC.2_cases"] = int(large.sum()), len(large)
        self.steps.append(
            {
                "lucky_projection": float(least),
                "other_projection": float(most),
                "response": float(response),
                **counts,
            }
        )
