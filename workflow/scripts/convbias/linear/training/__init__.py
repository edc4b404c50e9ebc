"""Full-batch gradient descent on many networks at once.

All networks of a batch take their steps together, on tensors whose last axis is the network. No operation mixes two
networks. Every sum over samples is a sum of whole numbers, or has a fixed order. A network's bits therefore do not
depend on the others in its batch. On a GPU, sums of slopes that are not whole numbers have no fixed order; results
then agree up to rounding.
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

BATCH_BYTES = 64 * 2**20  # working memory of the networks that train together
BATCH_RUNS = 1024  # larger batches are not faster: their data does not fit the cache
GPU_BATCH_BYTES = 4 * 2**30  # a GPU has no such cache, and only many networks use all of it


@dataclass(frozen=True)
class Trained:
    """Trained networks with their convergence status.

    ``recorded`` holds the errors at the recorded steps. ``stopped`` holds the convergence status:

    - ``zero_loss``: every sample is satisfied, and the loss is exactly 0.
    - ``step_limit``: the loss should have reached 0, but did not.
    - ``all_steps``: a loss without a minimum took all requested steps.
    - ``diverged``: an effective weight overflowed; the errors are NaN.
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
        weights: initial weights; they are not changed.
        samples: the training sets, as rows of the stacked vector (w, -w) (see ``Task.rows``).
        points: the whole dataset, for the test error, in the same form.
        learning_rate: alpha, per step on the mean loss.
        max_steps: the number of steps, or the step limit if the loss can reach 0.
        record: steps after which to measure, rising and up to ``max_steps``; a finished network keeps its errors.
        report: called now and then with the progress of the training.
    """
    rate = learning_rate / samples.shape[1]
    entry, sample, _ = samples.shape
    per_run = 8 * (2 * entry * sample + 2 * sample + 3 * len(weights) + 9 * model.d + model.working_rows)
    fits = GPU_BATCH_BYTES // per_run if weights.is_cuda else min(BATCH_RUNS, BATCH_BYTES // per_run)
    tile = max(1, fits)
    batches = []
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
        batches.append(Trained(final, steps + more, stopped, measure(model, loss, final, own, points), recorded))
    return Trained(
        torch.cat([batch.weights for batch in batches], dim=1),
        torch.cat([batch.steps for batch in batches]),
        [stop for batch in batches for stop in batch.stopped],
        _join([batch.errors for batch in batches]),
        [_join(list(errors)) for errors in zip(*(batch.recorded for batch in batches), strict=True)],
    )


def _descend(
    model: LinearModel, loss: Loss, weights: Tensor, samples: Tensor, rate: float, steps: int, report: Report
) -> tuple[Float[Tensor, "weight run"], Int[Tensor, " run"], list]:
    if loss.satisfied < torch.inf:
        return descend_until_satisfied(model, loss.satisfied, weights, samples, rate, steps, report)
    return descend_fixed_steps(model, loss.slope, weights, samples, rate, steps, report)


def _join(batches: list[Errors]) -> Errors:
    return Errors(*(torch.cat(column) for column in zip(*batches, strict=True)))
