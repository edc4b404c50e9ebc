"""From a configuration to the jobs of the pipeline: the wildcards of each, and what a figure needs."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import convbias
from convbias import registry

SECTIONS = ("experiments", "patterns", "theory", "examples")  # where a figure finds what it names
SECTION = {"patterns": "patterns", "theory": "theory", "examples": "examples"}  # of a table, if not experiments


def shards(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every training job, in the order of the rows of the table."""
    for name, experiment in config["experiments"].items():
        for sizes in _sample_sizes(name, experiment):
            for model, loss in product(experiment["models"], experiment["losses"]):
                for block in _blocks(experiment["seeds"], config["seeds_per_job"]):
                    yield {**sizes, "model": model, "loss": loss, **block}


def recorded_shards(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of the training jobs that record trajectories."""
    return (job for job in shards(config) if config["experiments"][job["experiment"]]["record_every"])


def estimates(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every job that estimates a limit, in the order of the rows of the table."""
    for name, experiment in config["experiments"].items():
        for sizes in _sample_sizes(name, experiment) if experiment["asymptotics"] else ():
            for block in _blocks(experiment["seeds"], config["seeds_per_job"]):
                yield {**sizes, **block}


def pattern_shards(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every job that trains pattern detectors, in the order of the rows of the table."""
    for name, experiment in config["patterns"].items():
        for sizes in _sample_sizes(name, experiment):
            for model, training in product(experiment["models"], experiment["trainings"]):
                if model in trained_by(training):
                    for block in _blocks(experiment["seeds"], config["seeds_per_job"]):
                        yield {**sizes, "model": model, "training": training, **block}


def trained_by(training: str) -> tuple[str, ...]:
    """The models that a way to train can train."""
    return constant(_module("patterns.training", training), "MODELS")


def uses_gpu(config: dict[str, Any], training: str) -> bool:
    """Whether a way to train runs on a GPU under this configuration."""
    return config["device"] == "cuda" and constant(_module("patterns.training", training), "GPU")


def uses_images(task: str) -> bool:
    """Whether a detection task is made from the digit images."""
    return constant(_module("patterns.tasks", task), "IMAGES")


def work(config: dict[str, Any], job: dict[str, Any]) -> int:
    """About how long a job takes among those that train pattern detectors, so that the longest can begin first."""
    experiment = config["patterns"][job["experiment"]]
    d = 784 if uses_images(job["task"]) else experiment["d"]  # MNIST's
    return job["n_train"] * experiment["n_patterns"] * d * experiment["channels"] // 1000


def examples(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every job that makes inputs to look at."""
    for name in config["examples"]:
        yield {"experiment": name}


def shows_images(config: dict[str, Any], figure: str) -> bool:
    """Whether a figure shows a task that is made from the digit images."""
    entries = [entry(config, name) for name in config["figures"][figure]]
    tasks = [task for entry in entries for task in entry.get("tasks", [entry.get("task")])]
    return any(task in registry.names("patterns.tasks") and uses_images(task) for task in tasks)


def curves(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every job that computes theory's curves."""
    for name in config["theory"]:
        yield {"experiment": name}


def _sample_sizes(name: str, experiment: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for task in experiment["tasks"]:
        for n_train in experiment["n_train"][task]:
            yield {"experiment": name, "task": task, "n_train": n_train}


def _blocks(seeds: int, seeds_per_job: int) -> Iterator[dict[str, int]]:
    """The seeds 0 ... seeds-1 in blocks; the last block may be short."""
    for first in range(0, seeds, seeds_per_job):
        yield {"first": first, "last": min(first + seeds_per_job, seeds) - 1}


def is_figure(figure: Any) -> bool:
    return isinstance(figure, str) and figure.replace("-", "_") in registry.names("figures")


def sections_of(figure: str) -> set[str]:
    """The parts of the configuration that a figure may name: those that its tables are made from."""
    return {SECTION.get(table, "experiments") for table in figure_constant(figure, "TABLES")}


def entry(config: dict[str, Any], name: str) -> dict[str, Any]:
    """What a figure names: an experiment, curves of theory or inputs to look at."""
    return next(config[section][name] for section in SECTIONS if name in config[section])


def figure_constant(figure: str, name: str) -> Any:
    """A constant of a figure's module: wu2019-fig2 is drawn by figures/wu2019_fig2.py."""
    return constant(_module("figures", figure.replace("-", "_")), name)


def _module(family: str, name: str) -> Path:
    return Path(convbias.__file__).parent.joinpath(*family.split("."), f"{name}.py")


@cache
def constant(module: Path, name: str) -> Any:
    """A constant of a module, read without importing it: its libraries can take seconds to load."""
    for node in ast.parse(module.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if getattr(targets[0], "id", None) == name:
            return ast.literal_eval(node.value)  # type: ignore[attr-defined]
    raise ValueError(f"{module} has no constant {name}")
