"""From a configuration to the jobs of the pipeline: the wildcards of each, and what a figure needs."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import convbias
from convbias import registry

SECTIONS = ("experiments", "patterns", "theory", "examples")  # where a figure finds what it names
SECTION = {name: name for name in ("patterns", "theory", "examples", "claims")}  # of a table, if not experiments

TRAINED = ("linear", "trajectories", "patterns")  # tables of trained networks
TRAINING = ("learning_rate", "init_scale", "initialisations", "steps", "step_limit", "record_every")

VARIED = {  # settings that an experiment may have a list of, as they are called in the names of its members
    "d": "d",
    "k": "k",
    "n_patterns": "n",
    "channels": "k",
    "noise": "noise",
    "learning_rate": "lr",
    "init_scale": "b",
}


def members(name: str, experiment: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The experiments that an experiment with lists of settings stands for, by name: wu2019-phase-k5 for k = 5."""
    lists = [key for key in VARIED if isinstance(experiment.get(key), list)]
    chosen = (dict(zip(lists, values, strict=True)) for values in product(*(experiment[key] for key in lists)))
    return {
        name + "".join(f"-{VARIED[key]}{value:g}" for key, value in values.items()): {**experiment, **values}
        for values in chosen
    }


def unfold(config: dict[str, Any]) -> None:
    """Put members in the place of each experiment that has lists of settings, wherever it is named."""
    names: dict[str, list[str]] = {}
    for section in ("experiments", "patterns"):
        unfolded = {name: members(name, entry) for name, entry in config[section].items()}
        config[section] = {name: entry for each in unfolded.values() for name, entry in each.items()}
        names |= {name: list(each) for name, each in unfolded.items()}

    def all_of(named: list[str]) -> list[str]:
        return [member for name in named for member in names.get(name, [name])]

    config["figures"] = {figure: all_of(named) for figure, named in config["figures"].items()}
    for claim in config["claims"].values():
        claim["experiments"] = all_of(claim["experiments"])
        if "sensitivity" in claim:
            claim["sensitivity"] = {setting: all_of(named) for setting, named in claim["sensitivity"].items()}


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


def trained_by(training: str) -> list[str]:
    """The models that a way to train can train."""
    models = registry.names("patterns.models")
    return [model for model in models if training in constant(_module("patterns.models", model), "TRAININGS")]


def uses_gpu(training: str) -> bool:
    """Whether a way to train can use a GPU."""
    return constant(_module("patterns.training", training), "GPU")


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
    tasks = [task for entry in entries(config, figure) for task in entry.get("tasks", [entry.get("task")])]
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


def sections_of(tables: Iterable[str]) -> list[str]:
    """The parts of the configuration that tables are made from, and that what uses them may name."""
    used = {SECTION.get(table, "experiments") for table in tables}
    return [section for section in (*SECTIONS, "claims") if section in used]


def entries(config: dict[str, Any], figure: str) -> list[dict[str, Any]]:
    """What a figure names: experiments, curves of theory, inputs to look at or claims."""
    sections = sections_of(figure_constant(figure, "TABLES"))
    names = config["figures"][figure]
    return [next(config[section][name] for section in sections if name in config[section]) for name in names]


def claims() -> list[str]:
    """All claims that there are."""
    return [claim for file in registry.names("claims") for claim in constant(_module("claims", file), "CLAIMS")]


def claims_shown(config: dict[str, Any], figure: str) -> list[tuple[str, str]]:
    """Where its paper says what of a figure, of the claims that a run decides."""
    said = []
    for file in dict.fromkeys(map(claim_file, config["claims"])):
        module = _module("claims", file)
        for name, own in constant(module, "CLAIMS").items():
            claim = {**constant(module, "COMMON"), **own}
            if name in config["claims"] and claim["figure"] == figure:
                said.append((claim["where"], claim["statement"]))
    return said


def claim_file(claim: str) -> str:
    """The file that declares a claim."""
    files = registry.names("claims")
    return next(file for file in files if claim in constant(_module("claims", file), "CLAIMS"))


def claim_tables(claim: str) -> tuple[str, ...]:
    """The tables that a claim is decided by."""
    return constant(_module("claims", claim_file(claim)), "TABLES")


def asked(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The claims to decide: the experiments of each, those with other settings, and its assumed settings."""
    return {
        name: {"sensitivity": {}, **entry, "assumed": assumed(config, entry["experiments"], claim_tables(name))}
        for name, entry in config["claims"].items()
    }


def named(asked: dict[str, dict[str, Any]]) -> list[str]:
    """The experiments that claims name."""
    lists = ([claim["experiments"], *claim["sensitivity"].values()] for claim in asked.values())
    return list(dict.fromkeys(name for each in lists for names in each for name in names))


def assumed(config: dict[str, Any], experiments: list[str], tables: tuple[str, ...]) -> list[str]:
    """The settings that their paper does not give of what some tables have of some experiments, numbers with values."""
    untrained = TRAINING if set(tables).isdisjoint(TRAINED) else ()
    values: dict[str, dict[str, None]] = {}
    for name in experiments:
        entry = next(config[section][name] for section in SECTIONS if name in config[section])
        labels = {**config["labels"], **entry.get("labels", {})}
        for key in (key for key in entry if labels.get(key) == "assumed" and key not in [*idle(entry), *untrained]):
            shown = values.setdefault(key, {})
            if not isinstance(entry[key], list | dict):
                shown[f"{entry[key]:g}" if isinstance(entry[key], float) else str(entry[key])] = None
    return [f"{key} = {', '.join(shown)}" if shown else key for key, shown in values.items()]


def idle_settings(config: dict[str, Any], figure: str) -> dict[str, list[str]]:
    """The settings of what a figure names that nothing uses, for its caption."""
    return {name: idle(entry) for name, entry in zip(config["figures"][figure], entries(config, figure), strict=True)}


def idle(entry: dict[str, Any]) -> list[str]:
    """The settings of an experiment that nothing in it uses."""
    digits_only = entry.get("tasks", [entry.get("task")]) == ["digits"]
    trainings = entry.get("trainings", ["adam", "layerwise"])
    of_adam = [] if "adam" in trainings else ["learning_rate", "init_scale", "target_loss", "step_limit"]
    layered = any(training.startswith("layerwise") for training in trainings)
    of_layers = [] if layered else ["first_layer_steps", "second_layer_steps"]
    off = {"record_every": "record_every", "noise": "noise_law"}  # what a setting of 0 leaves nothing to do
    nothing = [key for setting, key in off.items() if entry.get(setting) == 0]
    return [*(["d", "l"] if digits_only else []), *of_adam, *of_layers, *nothing]


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
