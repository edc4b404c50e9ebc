"""Training loss, training error and test error of trained networks."""

from functools import reduce
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.linear.bits import elementwise, pairwise_sum
from convbias.linear.losses import Loss
from convbias.linear.models import LinearModel
from convbias.linear.training.margins import Samples, Stacked

CHUNK = 2**15  # margins held at once: they fit the cache, and their memory is reused
GPU_CHUNK = 2**24  # on a GPU: enough margins to use all of it


class Errors(NamedTuple):
    """One number of each kind per network; NaN if the network diverged."""

    train_loss: Float[Tensor, " run"]
    train_error: Float[Tensor, " run"]
    test_error: Float[Tensor, " run"]


def wrong(margin: Float[Tensor, "sample run"]) -> Float[Tensor, " run"]:
    """The number of misclassified samples; an output of exactly 0 counts one half.

    Ref: wu2019, Equation 1
    """
    return (margin < 0).sum(0) + 0.5 * (margin == 0).sum(0)


def measure(
    model: LinearModel,
    loss: Loss,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    points: Int[Tensor, "point entry"],
) -> Errors:
    """The mean loss and the error on the training set, and the error on the whole dataset (training points included).

    Ref: wu2019, Section 2.1 and Figure 2
    """
    run = weights.shape[1]
    stacked = Stacked(model.d, run, True, weights)
    model.effective(weights, stacked.w)()
    stacked.mirror()
    margin = Samples(samples, weights).margins(stacked)
    train_error = wrong(margin) / len(margin)
    train_loss = pairwise_sum(elementwise(loss.value, margin))() / len(margin)
    test_error = weights.new_zeros(run)
    for chunk in points.split(max(1, (GPU_CHUNK if weights.is_cuda else CHUNK) // run)):
        first, *others = (stacked.rows.index_select(0, entry) for entry in chunk.T)
        test_error += wrong(reduce(torch.add, others, first))
    test_error /= len(points)
    finite = stacked.w.isfinite().all(0)
    return Errors(*(torch.where(finite, column, torch.nan) for column in (train_loss, train_error, test_error)))
