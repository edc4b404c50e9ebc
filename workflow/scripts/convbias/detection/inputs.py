"""The training and test sets of the pattern experiments, as numbers of patterns, before there is any noise."""

from convbias import draws
from convbias.detection import tasks
from convbias.detection.digits import Digits


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
        key = (stream_name(task, d, l, n_patterns), n_train, seed)
        patterns = tasks.make(task, d, l, draws.stream(root_seed, "patterns", *key), images)
        for name, size, test in (("training set", n_train, False), ("test set", n_test, True)):
            stream = draws.stream(root_seed, name, *key)
            drawn, y = tasks.draw(patterns, stream, size, n_patterns, test)
            columns["seed"] += [seed] * size
            columns["test"] += [test] * size
            columns["y"] += y.tolist()
            columns["patterns"] += drawn.tolist()
    return columns


def stream_name(task: str, d: int, l: int, n_patterns: int) -> str:
    """A task with its settings, so that inputs of different lengths are drawn independently of each other."""
    return f"{task} of {n_patterns} patterns, {l} in {d} dimensions"
