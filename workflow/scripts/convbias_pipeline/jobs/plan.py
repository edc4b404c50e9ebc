"""The jobs of a configuration, as the wildcards of each, in the order of the rows of their table."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from convbias import catalogue, registry
from convbias_pipeline.configuration.load import ENTRIES, exact

Config = Mapping[str, Any]
Job = dict[str, Any]

# Each table with the section of the configuration that it is made from
SECTION = {
    "linear": "linear",
    "trajectories": "linear",
    "detection": "detection",
    "asymptotics": "linear",
    "theory": "theory",
    "examples": "examples",
}
TABLES = list(SECTION)
WAYS = {"linear": ("losses", "loss"), "detection": ("trainings", "training")}  # a list of a section, and its wildcard


def shards(config: Config, section: str) -> Iterator[Job]:
    """Every job that trains networks of a section."""
    ways, way = WAYS[section]
    for sizes in sample_sizes(config, section):
        experiment = config[section][sizes["experiment"]]
        for model, one in product(experiment["models"], experiment[ways]):
            if section == "linear" or model in trained_by(one):
                for block in _blocks(experiment["seeds"], config["seeds_per_job"]):
                    yield {**sizes, "model": model, way: one, **block}


def recorded_shards(config: Config) -> Iterator[Job]:
    """The training jobs that record trajectories."""
    return (job for job in shards(config, "linear") if config["linear"][job["experiment"]]["record_every"])


def estimates(config: Config) -> Iterator[Job]:
    """Every job that computes SVD estimates."""
    for sizes in sample_sizes(config, "linear"):
        experiment = config["linear"][sizes["experiment"]]
        if experiment["asymptotics"]:
            for block in _blocks(experiment["seeds"], config["seeds_per_job"]):
                yield {**sizes, **block}


def entries(config: Config, section: str) -> Iterator[Job]:
    """One job for each entry of a section."""
    return ({"experiment": name} for name in config[section])


def sample_sizes(config: Config, section: str) -> Iterator[Job]:
    """Every experiment, task and sample size of a section."""
    for name, experiment in config[section].items():
        for task in experiment["tasks"]:
            for n_train in experiment["n_train"][task]:
                yield {"experiment": name, "task": task, "n_train": n_train}


def _blocks(seeds: int, seeds_per_job: int) -> Iterator[dict[str, int]]:
    """The seeds from 0 to seeds - 1 in blocks. The last block may be shorter."""
    for first in range(0, seeds, seeds_per_job):
        yield {"first": first, "last": min(first + seeds_per_job, seeds) - 1}


def trained_by(training: str) -> list[str]:
    """The detection models that a training fits."""
    modules = {model: f"detection.models.{model}" for model in registry.names("detection.models")}
    return [model for model, module in modules.items() if training in registry.constants(module)["TRAININGS"]]


def uses_gpu(training: str) -> bool:
    """Whether a detection training can use a GPU."""
    return bool(registry.constants(f"detection.training.{training}")["GPU"])


def uses_images(task: str) -> bool:
    """Whether a detection task is made from the digit images."""
    known = registry.names("detection.tasks")
    return task in known and bool(registry.constants(f"detection.tasks.{task}")["USES_IMAGES"])


def work(config: Config, job: Job) -> int:
    """A measure of the work in a detection job, so that the longest jobs can start first."""
    experiment = config["detection"][job["experiment"]]
    d = 784 if uses_images(job["task"]) else experiment["d"]  # MNIST's
    return int(job["n_train"] * experiment["n_patterns"] * d * experiment["channels"] // 1000)


def sections_of(tables: Iterable[str]) -> list[str]:
    """The sections that tables are made from. Figures and claims that use the tables may name entries of these."""
    used = {SECTION.get(table) for table in tables}
    return [section for section in ENTRIES if section in used]


def entry(config: Config, name: str) -> dict[str, Any]:
    """The entry of that name in any section."""
    return next(config[section][name] for section in ENTRIES if name in config[section])


def shows_images(config: Config, name: str) -> bool:
    """Whether a figure shows a task that is made from the digit images."""
    shown_entries = [entry(config, one) for one in config["figures"][name]]
    return any(uses_images(task) for one in shown_entries for task in one.get("tasks", [one.get("task")]))


def statements(config: Config, name: str) -> list[tuple[str, str]]:
    """The place in the paper and the statement of each claim about a figure, for the claims that this run decides."""
    claims = (catalogue.claims()[claim] for claim in catalogue.claims() if claim in config["claims"])
    return [(claim.where, claim.statement) for claim in claims if claim.figure == name]


def requested_claims(config: Config) -> dict[str, dict[str, Any]]:
    """The claims to decide: the experiments of each, those with other settings, and its assumed settings."""
    tables = {name: catalogue.claims()[name].tables for name in config["claims"]}
    return {
        name: {**claim, "assumed": assumed(config, claim["experiments"], tables[name])}
        for name, claim in config["claims"].items()
    }


def tables_of_claims(config: Config) -> list[str]:
    """The tables that decide the claims of this run."""
    return list(dict.fromkeys(table for claim in config["claims"] for table in catalogue.claims()[claim].tables))


def experiments_of(requested: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The experiments that claims name."""
    lists = ([claim["experiments"], *claim["sensitivity"].values()] for claim in requested.values())
    return list(dict.fromkeys(name for each in lists for names in each for name in names))


def assumed(config: Config, experiments: list[str], tables: Iterable[str]) -> list[str]:
    """The assumed settings of some experiments that matter for some tables; numbers with their values."""
    trains = {"linear", "trajectories", "detection"} & set(tables)
    values: dict[str, dict[str, None]] = {}
    for name in experiments:
        one = entry(config, name)
        for key in (key for key, label in one["labels"].items() if label == "assumed"):
            if key not in unused_settings(one) and (trains or key not in OF_TRAINING):
                listed = values.setdefault(key, {})
                if not isinstance(one[key], list | dict):
                    listed[exact(one[key]) if isinstance(one[key], float) else str(one[key])] = None
    return [f"{key} = {', '.join(listed)}" if listed else key for key, listed in values.items()]


OF_TRAINING = ("learning_rate", "init_scale", "init_law", "initialisations", "steps", "step_limit", "record_every")


_ALL = ["learning_rate", "init_scale", "target_loss", "step_limit", "batch_size"]
OF_DESCENT = {  # the settings of the descent that each training uses
    "adam": _ALL,
    "gradient_descent": _ALL,
    "sgd": ["learning_rate", "init_scale", "step_limit"],
    "perceptron": ["step_limit"],
}


def unused_settings(one: Mapping[str, Any]) -> list[str]:
    """The settings of an entry that have no effect in it."""
    digits_only = one.get("tasks", [one.get("task")]) == ["digits"]
    trainings = one.get("trainings", ["adam", "layerwise"])
    used = [OF_DESCENT.get(training, []) for training in trainings]
    of_descent = [key for key in OF_DESCENT["adam"] if not any(key in keys for keys in used)]
    layered = any(training.startswith("layerwise") for training in trainings)
    of_layers = [] if layered else ["first_layer_steps", "second_layer_steps"]
    zero = {"record_every": "record_every", "noise": "noise_law"}  # a setting that is 0, and the one without effect
    without_effect = [key for setting, key in zero.items() if one.get(setting) == 0]
    return [*(["d", "l"] if digits_only else []), *of_descent, *of_layers, *without_effect]
