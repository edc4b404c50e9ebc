"""From a configuration to the files of the pipeline: which there are, and what each of them needs."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convbias

POINTS = "results/points/{task}/d{d}/n{n_train}/seeds{first}-{last}.parquet"
RUNS = "results/runs/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.parquet"
ASYMPTOTICS = "results/asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.parquet"
TABLE = "results/tables/{table}.parquet"
FIGURE = "results/figures/{figure}"


def blocks(experiment: dict[str, Any], seeds_per_job: int) -> list[dict[str, int]]:
    """The seeds 0 ... seeds-1 in blocks; the last block may be short."""
    seeds = experiment["seeds"]
    starts = range(0, seeds, seeds_per_job)
    return [{"first": first, "last": min(first + seeds_per_job, seeds) - 1} for first in starts]


def shards(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every training job, in the order of the configuration."""
    for name, experiment in config["experiments"].items():
        for part in _training_sets(name, experiment, config["seeds_per_job"]):
            for model in experiment["models"]:
                for loss in experiment["losses"]:
                    yield {**part, "model": model, "loss": loss}


def estimates(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The wildcards of every job that estimates a limit."""
    for name, experiment in config["experiments"].items():
        if experiment["asymptotics"]:
            yield from _training_sets(name, experiment, config["seeds_per_job"])


def _training_sets(name: str, experiment: dict[str, Any], seeds_per_job: int) -> Iterator[dict[str, Any]]:
    for task in experiment["tasks"]:
        for n_train in experiment["n_train"][task]:
            for block in blocks(experiment, seeds_per_job):
                yield {"experiment": name, "task": task, "n_train": n_train, **block}


def parts(config: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    """The files that a table is collected from, with their wildcards, in the order of its rows."""
    if table == "linear":
        return {RUNS.format(**shard): shard for shard in shards(config)}
    return {ASYMPTOTICS.format(**part): part for part in estimates(config)}


def figure_module(figure: str) -> Path:
    """The file of a figure: wu2019-fig2 is drawn by figures/wu2019_fig2.py."""
    return Path(convbias.__file__).with_name("figures") / f"{figure.replace('-', '_')}.py"


def figure_tables(figure: str) -> list[str]:
    """The tables that a figure says, in its constant TABLES, that it draws from; read without importing it."""
    for node in ast.parse(figure_module(figure).read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "TABLES":
            return list(ast.literal_eval(node.value))
    raise ValueError(f"{figure_module(figure)} has no constant TABLES")
