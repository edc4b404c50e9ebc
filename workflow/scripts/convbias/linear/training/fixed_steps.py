"""Gradient descent for a fixed number of steps, on a loss that has no minimum."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.linear.bits import elementwise
from convbias.linear.models import LinearModel
from convbias.linear.training.margins import Samples, Stacked, needs_signs
from convbias.progress import Report, no_progress


def descend_fixed_steps(
    model: LinearModel,
    slope: Callable[[Tensor], Tensor] | None,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    rate: float,
    steps: int,
    report: Report = no_progress,
) -> tuple[Float[Tensor, "weight run"], Int[Tensor, " run"], list]:
    """Gradient descent in which each sample counts with the slope of the loss at its margin.

    Without ``slope``, the slope is 1 at every margin: the loss is -y f(x), and the sum of y x is constant.

    Ref: wu2019, Section 3.2

    Returns:
        The final weights (``weights`` itself, updated in place), the steps taken and the convergence status of each
        network.
    """
    run, signed = weights.shape[1], needs_signs(samples, model.d)
    data = weights.new_zeros(model.d + model.padding, run)
    stacked, every = Stacked(model.d, run, signed, weights), Samples(samples, weights)
    pulling = torch.ones_like(every.margin)
    add_up = every.adder(pulling, data, model.d, signed)
    effective, update = model.effective(weights, stacked.w), model.step(weights, data, rate)
    add_up()
    for step in range(steps):
        report(step, steps, 0, run)
        if slope is not None:
            effective()
            stacked.mirror()
            pulling.copy_(elementwise(slope, every.margins(stacked)))
            add_up()
        update()
    effective()
    stopped = ["all_steps" if finite else "diverged" for finite in stacked.w.isfinite().all(0).tolist()]
    return weights, torch.full((run,), steps), stopped
