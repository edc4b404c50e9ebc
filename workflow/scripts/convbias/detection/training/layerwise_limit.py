"""Algorithm 1 with T_2 = infinity: the second layer has the direction of the maximum margin on its features.

Ref: brutzkus2021, Equation 24; Equation 25
"""

import torch

from convbias.detection.models._network import Network
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.detection.training.layerwise import errors, first_part
from convbias.margin import max_margin
from convbias.progress import Report, no_progress
from convbias.stops import Stop

GPU = False  # as for layerwise


@torch.no_grad()
def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """T_1 steps on the first layer, and then the limit of the second layer, which does not depend on a^(0).

    If the features are separable, the loss in the limit is 0. Otherwise this limit does not exist, and the classifier
    has the least total slack.
    """
    rows, stopped = [], []
    for run, seed in enumerate(seeds):
        first = first_part(settings, model, data, run, seed)
        separation = max_margin((first.z * first.y[:, None]).numpy())
        stopped.append("separated" if separation.separable else "not_separable")
        a = torch.from_numpy(separation.weights)[None].to(first.a)
        rows.append((0.0 if separation.separable else float("nan"), *errors(model, data, run, first.W, a)))
        report(settings.first_layer_steps, settings.first_layer_steps, run + 1, 0)
    labels: list[Stop] = stopped  # type: ignore[assignment]
    return Outcome([settings.first_layer_steps] * len(seeds), labels, *map(list, zip(*rows, strict=True)))
