"""Gradient descent until every sample has the margin that it needs."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.linear.models import LinearModel
from convbias.linear.training.margins import Samples, Stacked, needs_signs
from convbias.progress import Report, no_progress

PERIOD = 64  # steps between two checks of all samples
FEW = 2048  # so few margins are cheaper to compute than to leave out
SPREAD = 4.0  # watch samples that could reach the threshold by moving this many times as far as in the last period


def descend_until_satisfied(
    model: LinearModel,
    satisfied: float,
    weights: Float[Tensor, "weight run"],
    samples: Int[Tensor, "entry sample run"],
    rate: float,
    max_steps: int,
    report: Report = no_progress,
) -> tuple[Float[Tensor, "weight run"], Int[Tensor, " run"], list]:
    """Gradient descent on the samples with a margin below ``satisfied``, until there are none.

    A network whose samples are all satisfied no longer moves, and leaves the batch. Between two checks of all samples,
    only samples near the threshold are watched. Afterwards, the extremes of w show whether any other sample could have
    fallen below the threshold. If so, the period is repeated with all samples. The weights equal those of plain
    gradient descent, bit for bit.

    Ref: wu2019, Section 2.1

    Returns:
        The final weights, the steps taken and each network's status (``zero_loss``, ``step_limit`` or ``diverged``).
        Divergence is detected within ``PERIOD`` steps.
    """
    run, entries = weights.shape[1], len(samples)
    final, final_steps, stopped = weights.clone(), torch.zeros(run, dtype=torch.int64), ["step_limit"] * run
    alive = torch.arange(run)
    steps, window = weights.new_zeros(run), weights.new_full((run,), torch.inf)
    signed, taken = needs_signs(samples, model.d), 0
    batch = _Batch(model, weights, samples, signed, rate)
    while True:
        margin = batch.margins()
        diverged = ~batch.stacked.w.isfinite().all(0)
        content = ~(margin < satisfied).any(0)
        leaving = diverged | content if taken < max_steps else torch.ones_like(content)
        if leaving.any():
            out, left = alive[leaving.cpu()], leaving.nonzero()[:, 0]
            final[:, out.to(final.device)] = batch.weights[:, left]
            final_steps[out] = steps[left].to("cpu", torch.int64)
            for place, bad, good in zip(out.tolist(), diverged[left].tolist(), content[left].tolist(), strict=True):
                stopped[place] = "diverged" if bad else "zero_loss" if good else "step_limit"
            stay = (~leaving).nonzero()[:, 0]
            if not len(stay):
                return final, final_steps, stopped
            alive, steps, window = alive[stay.cpu()], steps[stay], window[stay]
            margin = margin[:, stay]
            batch = _Batch(model, batch.weights[:, stay], batch.samples.rows[:, :, stay], signed, rate)

        report(taken, max_steps, run - len(alive), len(alive))
        span = min(PERIOD, max_steps - taken)
        if margin.numel() <= FEW:
            movers = batch.take(span, batch.samples, satisfied)
        else:
            near = (margin < satisfied + window) | window.isinf()  # margins may be infinite
            before, low, high = batch.weights.clone(), batch.stacked.w.clone(), batch.stacked.w.clone()
            movers = batch.take(span, batch.watched(near), satisfied, (low, high))
            escaped = (~near & ~(batch.lowest(low, high) >= satisfied)).any(0)
            window = SPREAD * entries * (high - low).amax(0)
            if escaped.any():
                batch.weights.copy_(before)
                window[escaped] = torch.inf
                continue
        taken += span
        steps += movers.clamp(max=1).sum(0)


class _Batch:
    """The networks that are still moving, with all tensors and functions that a step needs."""

    def __init__(self, model: LinearModel, weights: Tensor, samples: Tensor, signed: bool, rate: float) -> None:
        run = weights.shape[1]
        self.d, self.signed, self.weights = model.d, signed, weights.contiguous()
        self.stacked, self.bounds = (Stacked(model.d, run, signed, weights) for _ in range(2))
        self.samples = Samples(samples.contiguous(), weights)
        self.data = weights.new_zeros(model.d + model.padding, run)
        self.effective = model.effective(self.weights, self.stacked.w)
        self.update = model.step(self.weights, self.data, rate)

    def margins(self) -> Float[Tensor, "sample run"]:
        """The margins of all samples at the current weights."""
        self.effective()
        self.stacked.mirror()
        return self.samples.margins(self.stacked)

    def lowest(self, low: Float[Tensor, "d run"], high: Float[Tensor, "d run"]) -> Float[Tensor, "sample run"]:
        """A lower bound of each sample's margin while low <= w <= high, also valid in floating point."""
        self.bounds.w.copy_(low)
        if self.signed:
            torch.neg(high, out=self.bounds.minus_w)
        return self.samples.margins(self.bounds)

    def watched(self, near: Tensor) -> Samples:
        """Only the near samples."""
        return self.samples if near.all() else self.samples.keep(near, len(self.stacked.rows) - 1)

    def take(
        self, span: int, watched: Samples, satisfied: float, extremes: tuple[Tensor, Tensor] | None = None
    ) -> Float[Tensor, "span run"]:
        """Take ``span`` steps with only the watched samples, and record the extremes (low, high) of w.

        Returns:
            The number of samples below the threshold at each step.
        """
        pulling = torch.empty_like(watched.margin)
        movers = pulling.new_empty(span, pulling.shape[1])
        add_up = watched.adder(pulling, self.data, self.d, self.signed)
        w = self.stacked.w
        for pulled in movers:
            self.effective()
            self.stacked.mirror()
            if extremes is not None:
                torch.minimum(extremes[0], w, out=extremes[0])
                torch.maximum(extremes[1], w, out=extremes[1])
            torch.lt(watched.margins(self.stacked), satisfied, out=pulling)
            torch.sum(pulling, 0, out=pulled)
            add_up()
            self.update()
        return movers
