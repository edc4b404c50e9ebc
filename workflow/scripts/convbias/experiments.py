"""An experiment's shard, from its settings to its rows."""

import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
from jaxtyping import Int

from convbias import losses, models, tasks, training


@dataclass(frozen=True)
class Shard:
    """Settings of networks that train together: everything about them but their seeds.

    ``steps`` is how many steps a loss without a minimum takes; ``step_limit`` is where a loss that should come to 0 is
    given up.
    """

    experiment: str
    task: str
    model: str
    loss: str
    d: int
    k: int
    n_train: int
    root_seed: int
    learning_rate: float
    init_scale: float
    steps: int
    step_limit: int


def train_shard(
    shard: Shard, points: Int[np.ndarray, "run n_train"], seeds: list[int], device: str = "cpu"
) -> dict[str, object]:
    """Train one network per training set and return the columns of its rows in the linear table.

    Network ``seed`` has the training set of that seed and the initial weights of ``init_seed`` = ``seed``.

    Raises:
        ValueError: the device is cuda and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: cuda was asked for, but torch sees no GPU here; allowed on this machine: cpu")
    task, loss = tasks.make(shard.task, shard.d), losses.make(shard.loss)
    model = models.make(shard.model, shard.d, shard.k)
    weights = models.draw_weights(model, shard.root_seed, shard.task, shard.n_train, seeds, shard.init_scale)
    began = time.perf_counter()
    trained = training.train(
        model,
        loss,
        weights.to(device),
        models.stack(task.rows[points]).to(device),
        torch.from_numpy(task.rows).to(device),
        shard.learning_rate,
        shard.step_limit if np.isfinite(loss.satisfied) else shard.steps,
    )
    stops = {stop: trained.stopped.count(stop) for stop in dict.fromkeys(trained.stopped)}
    seconds, most = time.perf_counter() - began, int(trained.steps.max())
    print(f"{len(seeds)} networks in {seconds:.2f} s: {stops}, {most} steps at most")
    return {
        **asdict(shard),
        "seed": seeds,
        "init_seed": seeds,
        "steps": trained.steps.numpy(),
        "stopped": trained.stopped,
        **{name: column.cpu().numpy() for name, column in trained.errors._asdict().items()},
    }
