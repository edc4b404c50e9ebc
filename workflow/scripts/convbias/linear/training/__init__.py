"""Full-batch gradient descent on many networks at once.

All networks of a batch take their steps together, on tensors whose last axis is the network. No operation mixes two
networks, and every sum over samples is a sum of whole numbers or has a fixed order: a network's bits do not depend on
the others in its batch. (On a GPU, sums of slopes that are not whole have no fixed order: to rounding only.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.linear.losses import Loss
from convbias.linear.models import LinearModel
from convbias.linear.training.errors import Errors, measure
from convbias.linear.training.fixed_steps import descend_fixed_steps
from convbias.linear.training.until_satisfied import descend_until_satisfied
from convbias.progress import Report, after, no_progress
from convbias.stops import Stop

BATCH_BYTES = 64 * 2**20  # working memory of the networks that train side by side
BATCH_RUNS = 1024  # more networks side by side are no faster: their data leaves the cache
GPU_BATCH_BYTES = 4 * 2**30  # a GPU has no such cache, and is filled by many networks alone


@dataclass(frozen=True)
class Trained:
    """Trained networks with their certificates.

    ``stopped`` says how training ended: ``zero_loss`` (every sample satisfied, the loss is exactly 0), ``step_limit``
    (it should have come to that and did not), ``all_steps`` (a loss without a minimum took the steps asked for) or
    ``diverged`` (an effective weight overflowed; the errors are then NaN). ``recorded`` holds the errors at the steps
    that were to be recorded.
    """

    weights: Float[Tensor, "weight run"]
    steps: Int[Tensor, " run"]
    stopped: list[Stop]
    errors: Errors
    recorded: list[Errors]


@torch.inference_mode()
def train(
    model: LinearModel,
    loss: Loss,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    points: Int[Tensor, "point entry"],
    learning_rate: float,
    max_steps: int,
    record: Sequence[int] = (),
    report: Report = no_progress,
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
        record: steps, rising and up to ``max_steps``, after which to measure; a network that is done stays as it is.
        report: is told now and then how far the training is.
    """
    rate = learning_rate / samples.shape[1]
    entry, sample, _ = samples.shape
    per_run = 8 * (2 * entry * sample + 2 * sample + 3 * len(weights) + 9 * model.d + model.working_rows)
    fits = GPU_BATCH_BYTES // per_run if weights.is_cuda else min(BATCH_RUNS, BATCH_BYTES // per_run)
    tile = max(1, fits)
    parts = []
    for first in range(0, weights.shape[1], tile):
        mine = slice(first, first + tile)
        start, own = weights[:, mine].clone(), samples[:, :, mine].contiguous()
        taken, steps, recorded = 0, torch.zeros(start.shape[1], dtype=torch.int64), []
        for step in record:
            start, more, _ = _descend(model, loss, start, own, rate, step - taken, after(report, taken, first))
            taken, steps = step, steps + more
            recorded.append(measure(model, loss, start, own, points))
        rest = max_steps - taken
        final, more, stopped = _descend(model, loss, start, own, rate, rest, after(report, taken, first))
        parts.append(Trained(final, steps + more, stopped, measure(model, loss, final, own, points), recorded))
    return Trained(
        torch.cat([part.weights for part in parts], dim=1),
        torch.cat([part.steps for part in parts]),
        [stop for part in parts for stop in part.stopped],
        _join([part.errors for part in parts]),
        [_join(list(errors)) for errors in zip(*(part.recorded for part in parts), strict=True)],
    )


def _descend(
    model: LinearModel, loss: Loss, weights: Tensor, samples: Tensor, rate: float, steps: int, report: Report
) -> tuple[Float[Tensor, "weight run"], Int[Tensor, " run"], list]:
    if loss.satisfied < torch.inf:
        return descend_until_satisfied(model, loss.satisfied, weights, samples, rate, steps, report)
    return descend_fixed_steps(model, loss.slope, weights, samples, rate, steps, report)


def _join(parts: list[Errors]) -> Errors:
    return Errors(*(torch.cat(column) for column in zip(*parts, strict=True)))
