"""A pattern experiment's shard, from its settings to its rows."""

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from convbias import draws
from convbias.detection import models, tasks, training
from convbias.detection.digits import Digits
from convbias.detection.inputs import stream_name
from convbias.detection.noise import noise
from convbias.detection.settings import Shard
from convbias.detection.training import Data
from convbias.progress import Progress, after

RUNS_ON_GPU = 8  # that train side by side there; on a CPU that is no faster than one after the other


def inputs_of(shard: Shard, inputs: Mapping[str, np.ndarray], seeds: list[int], images: Digits | None) -> Data:
    """The training and test sets of some seeds as numbers: patterns and, where there is noise, a draw of it.

    ``inputs`` are the columns of a table of inputs, as ``inputs.draw_inputs`` gives them.
    """
    sets: dict[bool, list] = {False: [], True: []}
    for seed in seeds:
        key = (stream_name(shard.task, shard.d, shard.l, shard.n_patterns), shard.n_train, seed)
        patterns = tasks.make(shard.task, shard.d, shard.l, draws.stream(shard.root_seed, "patterns", *key), images)
        for test, name in ((False, "training set"), (True, "test set")):
            mine = (inputs["seed"] == seed) & (inputs["test"] == test)
            x = patterns.inputs(inputs["patterns"][mine])
            if shard.noise:
                stream = draws.stream(shard.root_seed, f"noise of the {name}", *key)
                x += noise(shard.noise_law, shard.noise, stream, x.shape)
            sets[test].append((x, inputs["y"][mine]))
    columns = [np.stack(column) for test in (False, True) for column in zip(*sets[test], strict=True)]
    return Data(*(column.astype(float, copy=False) for column in columns))


def train_shard(
    shard: Shard, inputs: Mapping[str, np.ndarray], seeds: list[int], images: Digits | None, device: str = "cpu"
) -> dict[str, object]:
    """Train a detector on each seed's training set and return the columns of their rows, as ``tables.PATTERNS``.

    ``d`` of the rows is the length of a pattern as it is, which for digits follows from the images.

    Raises:
        ValueError: the model cannot be trained this way.
    """
    trainer, ways = training.load(shard.training), models.load(shard.model).TRAININGS
    if shard.training not in ways:
        raise ValueError(f"{shard.model} is trained by {', '.join(ways)}, not by {shard.training}")
    progress = Progress(len(seeds))
    at_once = RUNS_ON_GPU if device == "cuda" else 1
    outcome: dict[str, list] = {}
    for first in range(0, len(seeds), at_once):
        mine = seeds[first : first + at_once]
        data = inputs_of(shard, inputs, mine, images)
        d = data.x.shape[3]
        model = models.make(shard.model, shard.n_patterns, d, shard.channels)
        began = time.perf_counter()
        for name, column in vars(trainer.train(shard, model, data, mine, device, after(progress, 0, first))).items():
            outcome[name] = [*outcome.get(name, []), *column]
        print(f"seeds {mine[0]}-{mine[-1]}: {time.perf_counter() - began:.2f} s, {outcome['stopped'][first:]}")
    return {
        **asdict(shard),
        "d": d,
        "images": images.name if images else None,
        "width": model.hidden,
        "n_parameters": model.n_parameters,
        "seed": seeds,
        **outcome,
    }
