"""Networks after the first layer of Algorithm 1, with the settings of Theorem 5.1, and filters that count votes."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.models._network import features
from convbias.detection.training.layerwise import Constants, FirstLayer, draw_weights, train_first_layer
from convbias.draws import stream
from convbias.papers.brutzkus2021.theory.pattern_sets import members
from convbias.papers.brutzkus2021.theory.votes import one_vote, votes


@dataclass(frozen=True)
class Trained:
    """Responses to the l = d patterns before and after the first layer's training, and the training set.

    ``inputs`` says which patterns each sample contains. The first ``half`` samples are S_1.
    """

    before: Float[np.ndarray, "k l"]
    responses: Float[np.ndarray, "k l"]
    a: Float[np.ndarray, " k"]
    inputs: Bool[np.ndarray, "sample l"]
    y: Int[np.ndarray, " sample"]
    half: int
    first: FirstLayer
    constants: Constants

    @property
    def signed(self) -> Float[np.ndarray, "sample k"]:
        """The rows y z(x) of S_2."""
        return (self.first.z * self.first.y[:, None]).numpy()

    def balanced(self) -> bool:
        """Whether a third of S_1 has each class (Equation 14)."""
        y = self.y[: self.half]
        return bool(min((y > 0).mean(), (y < 0).mean()) >= 1 / 3)

    def count_votes(
        self, before: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"], steps: int
    ) -> Float[np.ndarray, "k l"]:
        """The vote count on S_1 of filters with these responses at the start."""
        start = before / one_vote(self.constants.eta_1, self.half)
        return votes(start, self.inputs[: self.half], self.y[: self.half], a, steps)

    def new_filters(
        self, count: int, root_seed: int, seed: int
    ) -> tuple[Float[np.ndarray, "k l"], Float[np.ndarray, " k"]]:
        """The responses and the signs a of other filters than those of this network, from the same law."""
        d, rng = self.before.shape[1], stream(root_seed, "other filters", "votes", len(self.y), seed)
        w = rng.standard_normal((count, d))
        return w * (self.constants.r / np.linalg.norm(w, axis=1, keepdims=True)), rng.choice([-1.0, 1.0], count)


def train(d: int, k: int, n_patterns: int, n_train: int, steps: int, root_seed: int, seed: int) -> Trained:
    """Train the first layer of k channels on S_1, the first half of a training set with l = d patterns.

    Ref: brutzkus2021, Theorem 5.1 (the first layer)
    """
    constants, model, half = Constants.of(k, steps), conv_pool.make(n_patterns, d, k), (n_train + 1) // 2
    sampler = Sampler("orthogonal", d, d, n_patterns, n_train, root_seed, seed, None)
    drawn, labels = sampler.draw("training set", n_train)
    x = torch.from_numpy(sampler.patterns.inputs(drawn))[None]
    y = torch.from_numpy(labels).double()[None]
    W, a = draw_weights(model, constants.r, root_seed, *sampler.key)
    patterns = torch.from_numpy(sampler.patterns.vectors.T)
    before = (W[0] @ patterns).numpy()
    train_first_layer(model, x[:, :half], y[:, :half], W, a, constants.eta_1, steps)
    z = torch.cat(list(features(model, x[:, half:], W)), dim=1)[0]
    first = FirstLayer(W, a, z, y[0, half:])
    responses = (W[0] @ patterns).numpy()
    return Trained(before, responses, a[0].numpy(), members(drawn, d), labels, half, first, constants)
