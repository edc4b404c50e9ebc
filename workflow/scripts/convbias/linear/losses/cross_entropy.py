"""The cross entropy of the label under a sigmoid, l = log(1 + exp(-y f(x))).

Ref: wu2019, Footnote 4
"""

from math import inf

import torch

from convbias.linear.losses import Loss

LOSS = Loss(
    value=lambda margin: torch.nn.functional.softplus(-margin),
    satisfied=inf,
    slope=lambda margin: torch.sigmoid(-margin),
)
