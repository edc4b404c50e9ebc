"""Algorithm 1 without the split: both layers train on the whole training set.

Ref: brutzkus2021, Section 3 (the reason we optimize over two losses is technical)
"""

import torch

from convbias.detection.models._network import Network
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.detection.training.layerwise import train_both
from convbias.progress import Report, no_progress

GPU = False


@torch.no_grad()
def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """T_1 and T_2 steps on the two layers, in double precision, with the step sizes of Theorem 5.1."""
    return train_both(settings, model, data, seeds, report, split=False)
