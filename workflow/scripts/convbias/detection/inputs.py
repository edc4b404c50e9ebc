"""The training and test sets of a detection experiment: indices of patterns, before any noise is added."""

import numpy as np

from convbias import draws
from convbias.detection import tasks
from convbias.detection.digits import Digits


class Sampler:
    """The patterns of one task and seed, and the random streams of everything that is drawn from them.

    Sets with different settings are independent, because the key of each stream contains the task and its settings.

    Raises:
        ValueError: the task cannot be made with these settings.
    """

    def __init__(
        self, task: str, d: int, l: int, n_patterns: int, n_train: int, root_seed: int, seed: int, images: Digits | None
    ) -> None:
        self.root_seed = root_seed
        self.key = (f"{task} of {n_patterns} patterns, {l} in {d} dimensions", n_train, seed)
        self.n_patterns = n_patterns
        self.patterns = tasks.make(task, d, l, self.stream("patterns"), images)

    def stream(self, purpose: str) -> np.random.Generator:
        """The random stream of ``patterns``, ``training set``, ``test set`` or the noise of either."""
        return draws.stream(self.root_seed, purpose, *self.key)

    def draw(self, purpose: str, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The ``training set`` or the ``test set``: patterns (sample, place) and labels (sample,)."""
        return tasks.draw(self.patterns, self.stream(purpose), size, self.n_patterns, test=purpose == "test set")


def draw_inputs(
    task: str,
    d: int,
    l: int,
    n_patterns: int,
    n_train: int,
    n_test: int,
    root_seed: int,
    seeds: list[int],
    images: Digits | None,
) -> dict[str, list]:
    """The columns of a table of inputs: for each seed its training set and then its test set."""
    columns: dict[str, list] = {"seed": [], "test": [], "y": [], "patterns": []}
    for seed in seeds:
        sampler = Sampler(task, d, l, n_patterns, n_train, root_seed, seed, images)
        for purpose, size in (("training set", n_train), ("test set", n_test)):
            drawn, y = sampler.draw(purpose, size)
            columns["seed"] += [seed] * size
            columns["test"] += [purpose == "test set"] * size
            columns["y"] += y.tolist()
            columns["patterns"] += drawn.tolist()
    return columns
