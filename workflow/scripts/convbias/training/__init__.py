"""Full-batch gradient descent on many networks at once.

All networks of a batch take their steps together, on tensors whose last axis is the network. No operation mixes two
networks, and every sum over samples is a sum of whole numbers or has a fixed order: a network's bits do not depend on
the others in its batch. (On a GPU, sums of slopes that are not whole have no fixed order: to rounding only.)
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.losses import Loss
from convbias.models import LinearModel
from convbias.training.errors import Errors, measure
from convbias.training.fixed_steps import descend_fixed_steps
from convbias.training.until_satisfied import descend_until_satisfied

Stop = Literal["zero_loss", "step_limit", "all_steps", "diverged"]

BATCH_BYTES = 64 * 2**20  # working memory of the networks that train side by side
BATCH_RUNS = 1024  # more networks side by side are no faster: their data leaves the cache


@dataclass(frozen=True)
class Trained:
    """Trained networks with their certificates.

    ``stopped`` says how training ended: ``zero_loss`` (every sample satisfied, the loss is exactly 0), ``step_limit``
    (it should have come to that and did not), ``all_steps`` (a loss without a minimum took the steps asked for) or
    ``diverged`` (an effective weight overflowed; the errors are then NaN).
    """

    weights: Float[Tensor, "weight run"]
    steps: Int[Tensor, " run"]
    stopped: list[Stop]
    errors: Errors


@torch.inference_mode()
def train(
    model: LinearModel,
    loss: Loss,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    points: Int[Tensor, "point entry"],
    learning_rate: float,
    max_steps: int,
) -> Trained:
    """Train every network on its own training set from its own initial weights, and measure it.

    w_{t+1} = w_t + (alpha / n_tr) sum over samples of -l'(y f(x)) y grad f(x).

    Ref: wu2019, Section 2.1

    Args:
        weights: initial weights; left as they are.
        samples: the training sets, as rows of the stacked vector (w, -w) (see ``Task.rows``).
        points: the whole dataset, for the test error, in the same form.
        learning_rate: alpha, per step on the mean loss.
        max_steps: steps to take, or the limit where the loss can reach 0 before.
    """
    rate = learning_rate / samples.shape[1]
    entry, sample, _ = samples.shape
    per_run = 8 * (2 * entry * sample + 2 * sample + 3 * len(weights) + 9 * model.d + model.working_rows)
    tile = max(1, min(BATCH_RUNS, BATCH_BYTES // per_run))
    parts = []
    for first in range(0, weights.shape[1], tile):
        mine = slice(first, first + tile)
        start, own = weights[:, mine].clone(), samples[:, :, mine].contiguous()
        if loss.satisfied < torch.inf:
            final, steps, stopped = descend_until_satisfied(model, loss.satisfied, start, own, rate, max_steps)
        else:
            final, steps, stopped = descend_fixed_steps(model, loss.slope, start, own, rate, max_steps)
        parts.append(Trained(final, steps, stopped, measure(model, loss, final, own, points)))
    return Trained(
        torch.cat([part.weights for part in parts], dim=1),
        torch.cat([part.steps for part in parts]),
        [stop for part in parts for stop in part.stopped],
        Errors(*(torch.cat(column) for column in zip(*(part.errors for part in parts), strict=True))),
    )
