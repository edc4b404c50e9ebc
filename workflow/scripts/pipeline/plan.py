"""From a configuration to the jobs of the pipeline: the wildcards of each, and what a figure needs."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import convbias
from convbias import registry


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


def figure_module(figure: str) -> Path:
    """The file of a figure: wu2019-fig2 is drawn by figures/wu2019_fig2.py."""
    return Path(convbias.__file__).with_name("figures") / f"{figure.replace('-', '_')}.py"


def is_figure(figure: Any) -> bool:
    return isinstance(figure, str) and figure.replace("-", "_") in registry.names("figures")


def sections_of(figure: str) -> set[str]:
    """The parts of the configuration that a figure may name: those that its tables are made from."""
    return {"theory" if table == "theory" else "experiments" for table in figure_constant(figure, "TABLES")}


def entry(config: dict[str, Any], name: str) -> dict[str, Any]:
    """What a figure names: an experiment, or curves of theory."""
    return config["experiments"].get(name) or config["theory"][name]


def figure_constant(figure: str, name: str) -> Any:
    """A constant of a figure's module, read without importing it: a figure's libraries take seconds to load."""
    for node in ast.parse(figure_module(figure).read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if getattr(targets[0], "id", None) == name:
            return ast.literal_eval(node.value)  # type: ignore[attr-defined]
    raise ValueError(f"{figure_module(figure)} has no constant {name}")
