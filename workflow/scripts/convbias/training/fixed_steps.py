"""Gradient descent for a set number of steps on a loss whose slope never changes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.models import LinearModel
from convbias.training.margins import Samples, needs_signs


def descend_fixed_steps(
    model: LinearModel,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    rate: float,
    steps: int,
) -> tuple[Float[Tensor, "weight run"], Int[Tensor, " run"], list]:
    """Steps on the loss -y f(x), whose gradient is that of w'(sum of y x): every sample pulls at every step.

    Ref: wu2019, Section 3.2

    Returns:
        The final weights (``weights`` itself, updated in place), the steps taken and how each network stopped.
    """
    run = weights.shape[1]
    data = weights.new_zeros(model.d + model.padding, run)
    every = Samples(samples, weights)
    every.adder(torch.ones_like(every.margin), data, model.d, needs_signs(samples, model.d))()
    update = model.step(weights, data, rate)
    for _ in range(steps):
        update()
    w = torch.empty_like(data[: model.d])
    model.effective(weights, w)()
    stopped = ["all_steps" if finite else "diverged" for finite in w.isfinite().all(0).tolist()]
    return weights, torch.full((run,), steps), stopped
