"""Train a shard of an experiment: from its settings to its rows."""

import time
from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Int

from convbias.linear import losses, models, tasks, training
from convbias.linear.settings import Settings
from convbias.progress import Progress


def train_shard(
    settings: Settings, points: Int[np.ndarray, "run n_train"], seeds: list[int], device: str = "cpu"
) -> dict[str, object]:
    """Train networks on each training set and return the columns of their rows (see ``tables.RUNS``).

    Each training set has ``initialisations`` networks, each with its own initial weights. Their ``init_seed`` starts at
    ``seed`` times ``initialisations`` and counts up.
    """
    task, loss = tasks.make(settings.task, settings.d), losses.make(settings.loss)
    model = models.make(settings.model, settings.d, settings.k)
    each = settings.initialisations
    init_seeds = [seed * each + i for seed in seeds for i in range(each)]
    weights = models.draw_weights(
        model, settings.root_seed, settings.task, settings.n_train, init_seeds, settings.init_scale
    )
    max_steps = settings.step_limit if np.isfinite(loss.satisfied) else settings.steps
    recorded = range(0, min(settings.steps, max_steps) + 1, settings.record_every) if settings.record_every else []
    began = time.perf_counter()
    trained = training.train(
        model,
        loss,
        weights.to(device),
        models.stack(task.rows[points.repeat(each, axis=0)]).to(device),
        torch.from_numpy(task.rows).to(device),
        settings.learning_rate,
        max_steps,
        recorded,
        Progress(len(init_seeds)),
    )
    stops = {stop: trained.stopped.count(stop) for stop in dict.fromkeys(trained.stopped)}
    seconds, most = time.perf_counter() - began, int(trained.steps.max())
    print(f"{len(init_seeds)} networks in {seconds:.2f} s: {stops}, {most} steps at most")
    return {
        **asdict(settings),
        "seed": [seed for seed in seeds for _ in range(each)],
        "init_seed": init_seeds,
        "steps": trained.steps.numpy(),
        "stopped": trained.stopped,
        **{name: column.cpu().numpy() for name, column in trained.errors._asdict().items()},
        "recorded_step": [list(recorded)] * len(init_seeds),
        **{f"recorded_{name}": columns for name, columns in _trajectories(trained.recorded, len(init_seeds)).items()},
    }


def _trajectories(recorded: list[training.Errors], runs: int) -> dict[str, list[list[float]]]:
    """For each kind of error, the values at the recorded steps, as one list per network."""
    columns = zip(training.Errors._fields, zip(*recorded, strict=True), strict=True) if recorded else ()
    lists = {name: torch.stack(column, dim=1).tolist() for name, column in columns}
    return lists or {name: [[] for _ in range(runs)] for name in training.Errors._fields}
