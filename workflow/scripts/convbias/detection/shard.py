"""Train a shard of a detection experiment: from its settings to its rows."""

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from convbias.detection import models, training
from convbias.detection.digits import Digits
from convbias.detection.inputs import Sampler
from convbias.detection.noise import noise
from convbias.detection.settings import Settings
from convbias.detection.training import Data
from convbias.progress import Progress, after

RUNS_ON_GPU = 8  # networks that train together on a GPU; on a CPU this is not faster than one after the other


def make_data(settings: Settings, inputs: Mapping[str, np.ndarray], seeds: list[int], images: Digits | None) -> Data:
    """The training and test sets of some seeds as numbers: the patterns, with noise if there is any.

    ``inputs`` are the columns of a table of inputs, as ``inputs.draw_inputs`` returns them.
    """
    sets: dict[str, list] = {"training set": [], "test set": []}
    for seed in seeds:
        sampler = Sampler(
            settings.task,
            settings.d,
            settings.l,
            settings.n_patterns,
            settings.n_train,
            settings.root_seed,
            seed,
            images,
        )
        for purpose, pairs in sets.items():
            mine = (inputs["seed"] == seed) & (inputs["test"] == (purpose == "test set"))
            x = sampler.patterns.inputs(inputs["patterns"][mine])
            if settings.noise:
                x += noise(settings.noise_law, settings.noise, sampler.stream(f"noise of the {purpose}"), x.shape)
            pairs.append((x, inputs["y"][mine]))
    columns = [np.stack(column) for pairs in sets.values() for column in zip(*pairs, strict=True)]
    return Data(*(column.astype(float, copy=False) for column in columns))


def train_shard(
    settings: Settings, inputs: Mapping[str, np.ndarray], seeds: list[int], images: Digits | None, device: str = "cpu"
) -> dict[str, object]:
    """Train a network on each seed's training set and return the columns of their rows (see ``tables.DETECTION``).

    The column ``d`` is the actual length of a pattern. For digits, this is the number of pixels.

    Raises:
        ValueError: the model cannot be trained this way.
    """
    trainer, ways = training.load(settings.training), models.load(settings.model).TRAININGS
    if settings.training not in ways:
        raise ValueError(
            f"model {settings.model} needs one of the trainings {', '.join(ways)}, not {settings.training}"
        )
    progress = Progress(len(seeds))
    at_once = RUNS_ON_GPU if device == "cuda" else 1
    outcome: dict[str, list] = {}
    for first in range(0, len(seeds), at_once):
        mine = seeds[first : first + at_once]
        data = make_data(settings, inputs, mine, images)
        d = data.x.shape[3]
        model = models.make(settings.model, settings.n_patterns, d, settings.channels)
        began = time.perf_counter()
        for name, column in vars(trainer.train(settings, model, data, mine, device, after(progress, 0, first))).items():
            outcome[name] = [*outcome.get(name, []), *column]
        print(f"seeds {mine[0]}-{mine[-1]}: {time.perf_counter() - began:.2f} s, {outcome['stopped'][first:]}")
    return {
        **asdict(settings),
        "d": d,
        "images": images.name if images else None,
        "width": model.hidden,
        "n_parameters": model.n_parameters,
        "seed": seeds,
        **outcome,
    }
