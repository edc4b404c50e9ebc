"""Train a shard of an experiment: from its settings to its rows."""

import time
from dataclasses import asdict

import numpy as np
from jaxtyping import Int

from convbias.linear import losses, models, tasks, training
from convbias.linear.settings import Settings
from convbias.progress import Progress


def train_shard(
    settings: Settings, points: Int[np.ndarray, "run n_train"], seeds: list[int], device: str = "cpu", threads: int = 1
) -> dict[str, object]:
    """Train networks on each training set and return the columns of their rows (see ``tables.RUNS``).

    Each training set has ``initialisations`` networks, each with its own initial weights. Their ``init_seed`` starts at
    ``seed`` times ``initialisations`` and counts up.
    """
    own = settings
    task, ends = tasks.make(own.task, own.d), losses.load(own.loss).SLOPE == "vanishing"
    init_seeds = [seed * own.initialisations + i for seed in seeds for i in range(own.initialisations)]
    weights = models.draw_weights(
        own.model, own.d, own.k, own.root_seed, own.task, own.n_train, init_seeds, own.init_scale, own.init_law
    )
    max_steps = own.step_limit if ends else own.steps
    recorded = range(0, min(own.steps, max_steps) + 1, own.record_every) if own.record_every else range(0)
    began = time.perf_counter()
    trained = training.train(
        task,
        own.model,
        own.loss,
        own.k,
        weights,
        points.repeat(own.initialisations, axis=0),
        own.learning_rate,
        max_steps,
        recorded,
        threads,
        device,
        Progress(len(init_seeds)),
    )
    stops = {stop: trained.stopped.count(stop) for stop in dict.fromkeys(trained.stopped)}
    seconds, most = time.perf_counter() - began, int(trained.steps.max())
    print(f"{len(init_seeds)} networks in {seconds:.2f} s: {stops}, {most} steps at most")
    return {
        **asdict(own),
        "seed": [seed for seed in seeds for _ in range(own.initialisations)],
        "init_seed": init_seeds,
        "steps": trained.steps,
        "stopped": trained.stopped,
        **trained.errors._asdict(),
        "recorded_step": [list(recorded)] * len(init_seeds),
        **{f"recorded_{name}": errors.T.tolist() for name, errors in trained.recorded._asdict().items()},
    }
