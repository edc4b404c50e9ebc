"""Training of both layers at once on the mean logistic loss, by a rule for the steps.

Ref: brutzkus2021, Equation 2 (the loss)
"""

from collections.abc import Callable

import torch
from torch import Tensor

from convbias import draws
from convbias.detection.models._network import Network, error, outputs
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.progress import Report
from convbias.stops import Stop

LOOK = 32  # steps between two checks of results on a GPU, because each check waits for the GPU
Parameter = tuple[Tensor, Tensor]  # weights and their gradient
Rule = Callable[[Parameter, Parameter], Callable[[], None]]


@torch.no_grad()
def train_by(
    rule: Rule, settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report
) -> Outcome:
    """Train each run in single precision from its own initial weights; the runs take their steps together.

    ``rule`` gets W and a with their gradients, and returns a function that takes one step in place. A step uses all
    samples, or the next ``batch_size`` of them. Training samples are independent draws, so batches in a fixed order are
    as random as others. With batches, the goal is looked for after each pass through the samples.

    The weights of a finished run are kept while the others continue. An entry that is 0 in every training pattern, for
    example at the edges of digits, gives its weights no gradient. The steps leave these weights out.
    """
    x, y, x_test, y_test = (
        torch.from_numpy(array).to(device, torch.float32) for array in (data.x, data.y, data.x_test, data.y_test)
    )
    initial, a = (weights.to(device) for weights in draw_weights(settings, model, seeds))
    used = x.any(2).any(1).any(0).nonzero()[:, 0]
    by_place = initial.unflatten(2, (-1, x.shape[3]))  # a single place if all places share their filters
    x, W = x[..., used], by_place[..., used].flatten(2)
    W_grad, a_grad = torch.empty_like(W), torch.empty_like(a)
    update = rule((W, W_grad), (a, a_grad))
    gradient = model.gradient(x, y, W, a, W_grad, a_grad)
    size = settings.batch_size or settings.n_train
    batches = [
        model.gradient(x[:, first : first + size], y[:, first : first + size], W, a, W_grad, a_grad)
        for first in range(0, settings.n_train if settings.batch_size else 0, size)
    ]
    final_steps = torch.full((len(seeds),), settings.step_limit, device=device)
    loss, wrong = gradient()
    final = [now.clone() for now in (W, a, loss, wrong)]
    going = torch.ones_like(loss, dtype=torch.bool)
    for step in range(settings.step_limit + 1):
        if batches and step % len(batches) and step < settings.step_limit:
            batches[step % len(batches)]()
            update()
            continue
        if batches:
            loss, wrong = gradient()
        ending = going & (_fitted(settings, loss, wrong) | ~loss.isfinite() | (step == settings.step_limit))
        if device != "cpu" or ending.any():
            for kept, now in zip(final, (W, a, loss, wrong), strict=True):
                torch.where(ending.view(-1, *[1] * (kept.ndim - 1)), now, kept, out=kept)
            final_steps.masked_fill_(ending, step)
            going &= ~ending
        if device == "cpu" or batches or step % LOOK == 0:
            runs = int(going.sum())
            if not runs:
                break
            report(step, settings.step_limit, len(seeds) - runs, runs)
        if batches:
            batches[0]()
        update()
        if not batches:
            loss, wrong = gradient()
    W, a, loss, wrong = final
    trained = by_place.index_copy(3, used, W.unflatten(2, (-1, len(used)))).flatten(2)
    test = error(outputs(model, x_test, trained, a), y_test)
    lost, fitted = ~loss.isfinite(), _fitted(settings, loss, wrong)
    stopped: list[Stop] = [
        "diverged" if bad else "fitted" if good else "step_limit"
        for bad, good in zip(lost.tolist(), fitted.tolist(), strict=True)
    ]
    columns = (values.masked_fill(lost, float("nan")).tolist() for values in (loss, wrong, test))
    return Outcome(final_steps.tolist(), stopped, *columns)


def _fitted(settings: Settings, loss: Tensor, wrong: Tensor) -> Tensor:
    return (loss < settings.target_loss) & (wrong == 0)


def draw_weights(settings: Settings, model: Network, seeds: list[int]) -> tuple[Tensor, Tensor]:
    """Initial weights of both layers, uniform within ``init_scale`` / sqrt(fan-in); scale 1 is torch's default.

    Each layer has its own random stream. Networks that differ only in scale therefore start from multiples of the same
    weights.
    """
    shapes = {
        f"{settings.model} W": (model.hidden, model.fan_in),
        f"{settings.model} a": (model.hidden,),
    }
    layers = draws.uniform_weights(settings.root_seed, shapes, settings.task, settings.n_train, seeds)
    W, a = (
        torch.from_numpy(layer * (settings.init_scale / layer.shape[-1] ** 0.5)).to(torch.float32) for layer in layers
    )
    return W, a
