"""Adam on the mean logistic loss, until the loss is small and no training sample is misclassified.

Ref: brutzkus2021, Section 7 (standard training with Adam); Equation 2 (the loss)
"""

from collections.abc import Callable

import torch
from torch import Tensor

from convbias import draws
from convbias.detection.models._network import Network, error, outputs
from convbias.detection.settings import Settings
from convbias.detection.training import Data, Outcome
from convbias.progress import Report, no_progress
from convbias.stops import Stop

GPU = True
LOOK = 32  # steps between two checks of results on a GPU, because each check waits for the GPU


@torch.no_grad()
def train(
    settings: Settings, model: Network, data: Data, seeds: list[int], device: str, report: Report = no_progress
) -> Outcome:
    """Train each run in single precision from its own initial weights; the runs take their steps together.

    A step uses all samples, or the next ``batch_size`` of them. Training samples are independent draws, so batches in a
    fixed order are as random as others. With batches, the goal is looked for after each pass through the samples.

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
    update = adam([(W, W_grad), (a, a_grad)], settings.learning_rate)
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


def adam(
    parameters: list[tuple[Tensor, Tensor]], rate: float, beta_1: float = 0.9, beta_2: float = 0.999, eps: float = 1e-8
) -> Callable[[], None]:
    """A function that takes one step of Adam (Kingma and Ba, 2015, Algorithm 1) on parameters with their gradients.

        m = beta_1 m + (1 - beta_1) g,  v = beta_2 v + (1 - beta_2) g^2
        theta = theta - rate (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + eps)

    This is torch's own step, called directly: torch.optim loads torch's compiler, which takes longer than most of these
    trainings.
    """
    thetas, gradients = (list(tensors) for tensors in zip(*parameters, strict=True))
    m, v = ([torch.zeros_like(theta) for theta in thetas] for _ in range(2))
    steps = [torch.zeros((), device=theta.device) for theta in thetas]

    def step() -> None:
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            thetas, gradients, m, v, [], steps,
            lr=rate, beta1=beta_1, beta2=beta_2, eps=eps, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    return step


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
