"""Check a configuration, and report all of its errors at once."""

import json
import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from convbias import catalogue, registry
from convbias_pipeline.configuration.load import (
    ENTRIES,
    SECTIONS,
    VARIED,
    is_setting,
    members,
    paper_files,
    papers,
    unmet_requirements,
)
from convbias_pipeline.configuration.read import nodes, read
from convbias_pipeline.jobs import plan

Schema = dict[str, Any]

PLUGINS = {  # types of plugins, with the noun for one of them
    "linear.tasks": "task",
    "linear.models": "model",
    "linear.losses": "loss",
    "detection.tasks": "task",
    "detection.models": "model",
    "detection.training": "training",
}

# jsonschema takes 100.0 for an integer and NaN for a number
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: type(value) is int,
        "number": lambda _, value: type(value) is int or (type(value) is float and math.isfinite(value)),
    }
)
_Validator = validators.extend(Draft202012Validator, type_checker=_TYPES)

LISTED = 50  # names in a message
MOST_JOBS = 100_000  # Snakemake plans this many in three minutes, with 2 GB


class ConfigurationError(ValueError):
    """The configuration is wrong; the message lists every error."""


def check(config: dict[str, Any], root: Path, files: Sequence[Path] = (), option: Any = None) -> None:
    """Check a configuration as ``load`` returns it, and fill in the settings and labels that have a default.

    ``files`` are the files that the user named, ``option`` has the settings of ``--config``. The message names both.

    Raises:
        ConfigurationError: each line has the path of a value, the allowed values, and the value found.
    """
    read_files = [root / "config.yaml", *paper_files(_mapping(config).get("papers"), root), *files]
    errors = [line for file in read_files for line in _duplicate_keys(file)]
    errors += [*_in_two_papers(read_files[1 : len(read_files) - len(files)]), *_unmatched(_mapping(config))]
    schema = complete_schema(root)
    _fill_in(config, schema)
    errors = list(dict.fromkeys([*errors, *_errors(config, schema)])) or [*_unmet(config), *_too_many_jobs(config)]
    if errors:
        sources = [os.path.relpath(file) for file in files] or ["The configuration"]
        starts = tuple(f"{path}{after}" for path in _settings(_mapping(option), ()) for after in ":.[")
        if all(line.startswith(starts) for line in errors):
            sources = ["--config"]
        elif any(line.startswith(starts) for line in errors):
            sources.append("--config")
            errors = [f"{line} (from --config)" if line.startswith(starts) else line for line in errors]
        count = f"{'have' if len(sources) > 1 else 'has'} {len(errors)} error{'s' if len(errors) > 1 else ''}"
        raise ConfigurationError("\n".join([f"{' and '.join(sources)} {count}:", *(f"  {line}" for line in errors)]))


def _settings(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """The path of each value that a mapping gives."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _settings(one, (*path, str(key)))
    else:
        yield _path(path)


def _fill_in(config: dict[str, Any], schema: Schema) -> None:
    """Fill in missing settings that have a default. Settings without a label are assumed."""
    for section in ENTRIES:
        properties = schema["properties"][section]["additionalProperties"].get("properties", {})
        defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
        entries = _mapping(_mapping(config).get(section))
        for name, entry in entries.items():
            if isinstance(entry, dict):
                entries[name] = entry = entry | {key: defaults[key] for key in defaults if key not in entry}
                if isinstance(labels := entry.get("labels", {}), dict):
                    entry["labels"] = {key: "assumed" for key in entry if is_setting(key)} | labels


def complete_schema(root: Path) -> Schema:
    """The schema with the names of plugins, papers, checks, claims and figures, and with the labels of settings."""
    schema: Schema = read(root / "workflow" / "schemas" / "config.schema.yaml")
    defs = schema["$defs"]
    for plugin_type, noun in PLUGINS.items():
        defs[plugin_type] = {"enum": registry.names(plugin_type), "noun": noun}
        plural = noun + ("es" if noun == "loss" else "s")
        defs[f"{plugin_type}[]"] = _list_of({"$ref": f"#/$defs/{plugin_type}"}, plural)
    for system in ("linear", "detection"):
        defs[f"{system}.sizes"] = {
            "type": "object",
            "description": "a mapping from tasks to lists of different sample sizes, at least one in each",
            "propertyNames": {"$ref": f"#/$defs/{system}.tasks"},
            "additionalProperties": _list_of({"$ref": "#/$defs/count"}, "sample sizes"),
        }
    for name, values in (
        ("papers", papers(root)),
        ("checks", list(catalogue.checks())),
        ("claims", list(catalogue.claims())),
        ("figures", list(catalogue.figures())),
    ):
        defs[name] = {"enum": values, "noun": name.removesuffix("s")}
    for section in ENTRIES:
        entry = schema["properties"][section]["additionalProperties"]
        for key in VARIED if section in ("linear", "detection") else ():
            if key in entry["properties"]:
                entry["properties"][key] = _or_list_of(entry["properties"][key], defs)
        if section != "theory":
            entry["properties"]["labels"] = _labels(entry["properties"])
    schema["properties"]["theory"]["additionalProperties"]["allOf"] = [
        {
            "if": {"properties": {"check": {"const": one.name}}, "required": ["check"]},
            "then": _settings_of(one, defs),
        }
        for one in catalogue.checks().values()
    ]
    return schema


def _settings_of(one: catalogue.Check, defs: Schema) -> Schema:
    """The schema of an entry of theory with this check.

    The type of a setting is the name of a definition in the schema, or a pair (least, most) for whole numbers. A type
    in a list stands for a list of different values.
    """

    def schema_of(key: str, of: Any) -> Schema:
        if isinstance(of, list):
            return _list_of(schema_of(key, of[0]), "values")
        if isinstance(of, tuple):
            text = f"a whole number from {of[0]} to {of[1]}"
            return {"type": "integer", "minimum": of[0], "maximum": of[1], "description": text}
        if of not in defs:
            raise ValueError(f"{one.module}: SETTINGS: unknown type {_shown(of)} of {key}.{_suggestion(of, defs)}")
        return {"$ref": f"#/$defs/{of}"}

    properties = {"check": {}, **{key: schema_of(key, of) for key, of in one.settings.items()}}
    properties["labels"] = _labels(properties)
    return {"additionalProperties": False, "required": ["check", *one.settings], "properties": properties}


def _labels(properties: Schema) -> Schema:
    return {
        "title": "the settings whose label differs from the paper's default, each with its label",
        "type": "object",
        "description": "a mapping from settings to stated, derived or assumed",
        "additionalProperties": False,
        "properties": {key: {"$ref": "#/$defs/label"} for key in properties if is_setting(key)},
    }


def _list_of(item: Schema, what: str) -> Schema:
    description = f"a list of different {what}, at least one"
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": item, "description": description}


def _or_list_of(one: Schema, defs: Schema) -> Schema:
    """A value, or a list of different ones."""
    target = {**(defs[one["$ref"].rsplit("/", 1)[-1]] if "$ref" in one else {}), **one}
    many = {"type": "array", "minItems": 1, "uniqueItems": True, "items": one}
    description = f"{target['description']}, or a list of different ones"
    return {"title": one["title"], "description": description, "anyOf": [one, many]}


def _duplicate_keys(file: Path) -> Iterator[str]:
    """Duplicate keys in the mappings of a file. YAML itself would silently take the last."""

    def of(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[str]:
        lines: dict[str, int] = {}
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines and name != "<<":
                place = f"lines {lines[name]} and {line} of {os.path.relpath(file)}"
                yield f"{_path([*path, name])}: duplicate key ({place})"
            lines[name] = line
            yield from of(value, (*path, name))

    yield from of(nodes(file), ())


def _in_two_papers(files: Sequence[Path]) -> Iterator[str]:
    """Entries that the files of two papers declare. The second would change that of the first."""
    contents = [(file, _mapping(read(file))) for file in dict.fromkeys(files)]
    for (before, one), (file, other) in combinations(contents, 2):
        for section in SECTIONS:
            for name in (name for name in _mapping(other.get(section)) if name in _mapping(one.get(section))):
                place = " and ".join(os.path.relpath(each) for each in (before, file))
                yield f"{_path([section, name])}: declared in {place}; rename one"


def _unmatched(config: dict[str, Any]) -> Iterator[str]:
    """Changes of entries that do not exist. They are removed from the configuration."""
    for section in SECTIONS:
        entries = _mapping(config.get(section))
        for name in [name for name, value in entries.items() if value is None or "*" in str(name)]:
            del entries[name]
            problem = "no entry matches" if "*" in str(name) else "null, but there is no such entry to drop"
            yield f"{_path([section, name])}: {problem}.{_suggestion(name, [*map(str, entries)])}"


def _errors(config: dict[str, Any], schema: Schema) -> Iterator[str]:
    def resolved(part: Schema) -> Schema:
        return {**schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], **part} if "$ref" in part else part

    found = _Validator(schema).iter_errors(config)
    for error in sorted(found, key=lambda error: ([str(step) for step in error.absolute_path], error.message)):
        yield from _lines(error, resolved, config)
    yield from _contradictions(config)


def _lines(error: ValidationError, resolved: Any, config: Any) -> Iterator[str]:
    """One error of the validator, in words."""
    path = list(error.absolute_path)
    value: Any = error.instance
    schema: Schema = error.schema  # type: ignore[assignment]
    if error.validator == "additionalProperties":
        known = schema["properties"]
        entry = config[path[0]][path[1]] if path[2:] == ["labels"] else {}  # its unknown settings have labels, too
        for key in sorted(str(key) for key in set(value) - set(known) - set(entry)):
            yield f"{_path([*path, key])}: unknown key.{_suggestion(key, known)}"
    elif error.validator == "required":
        for key in (key for key in schema["required"] if key not in value):
            yield f"{_path([*path, key])}: missing; {_must_be(resolved(schema['properties'][key]))}"
    elif "propertyNames" in error.absolute_schema_path:
        problem = (
            _unknown_name(schema, value) if "noun" in schema else f"{_shown(value)} is no name; {_must_be(schema)}"
        )
        yield f"{_path(path)}: {problem}"
    elif "noun" in schema and isinstance(value, str):
        yield f"{_path(path)}: {_unknown_name(schema, value)}"
    else:
        yield f"{_path(path)}: {_must_be(schema)}; found {_shown(value)}"


def _must_be(schema: Schema) -> str:
    if "enum" in schema:
        *others, last = map(str, schema["enum"])
        return f"must be {', '.join(others)} or {last}" if others else f"must be {last}"
    return f"must be {schema['description']}"


def _unknown_name(schema: Schema, name: Any) -> str:
    return f"unknown {schema['noun']} {_shown(name)}.{_suggestion(name, schema['enum'])}"


def _suggestion(name: Any, known: Collection[str]) -> str:
    close = get_close_matches(str(name), known, 1)
    question = f" Did you mean {json.dumps(close[0])}?" if close else ""
    names = [_plain(each) for each in known]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{question} Available: {', '.join(names[:LISTED]) or 'none'}{more}"


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(steps: Sequence[Any]) -> str:
    """A path such as linear.wu2019-fig2.tasks[1]."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_plain(step)}" for step in steps)
    return text.removeprefix(".") or "the configuration"


def _plain(name: Any) -> str:
    """A name on one line, in quotes if it has characters that names cannot have."""
    return str(name) if re.fullmatch(r"\w[\w.-]*", str(name)) else repr(str(name))


def _contradictions(config: Any) -> Iterator[str]:
    """Values that are allowed separately but not together. Values of a wrong type have been reported already."""
    for name in sorted({*registry.names("linear.losses")} & {*registry.names("detection.training")}):
        both = f"linear/losses and detection/training both have {name}.py"
        yield f"{name}: {both}, but their results share a folder; rename one"
    sections = {
        section: {name: _mapping(entry) for name, entry in _mapping(_mapping(config).get(section)).items()}
        for section in ENTRIES
    }
    for section, name, entry in ((key, *item) for key, entries in sections.items() for item in entries.items()):
        orthogonal = "orthogonal" in [*_list(entry.get("tasks")), entry.get("task")]
        for key, bound in (
            ("k", "d"),
            ("small_k", "small_d"),
            *([("l", "d")] if orthogonal else []),
            ("record_every", "steps"),
        ):
            values, bounds = (_whole_numbers(entry.get(each)) for each in (key, bound))
            if values and bounds and max(values) > min(bounds) > 0:
                yield f"{_path([section, name, key])}: must be at most {bound} = {min(bounds)}; found {max(values)}"
        if isinstance(sizes := entry.get("n_train"), dict):
            for task in (task for task in registry.names(f"{section}.tasks") if task in _list(entry.get("tasks"))):
                if task not in sizes:
                    path = _path([section, name, "n_train", task])
                    yield f"{path}: missing; every task of the experiment needs a list of sample sizes"
    for before, section in combinations(ENTRIES, 2):
        for name in (name for name in sections[section] if name in sections[before]):
            yield f"{_path([section, name])}: {before} has an entry of this name; choose another"
    yield from _names_of_members(sections)
    for name, experiment in sections["detection"].items():
        yield from _untrainable(name, experiment)
    figures, claims = (_mapping(_mapping(config).get(section)) for section in ("figures", "claims"))
    for figure in (figure for figure in figures if figure in catalogue.figures()):
        tables = catalogue.figures()[figure].tables
        yield from _unknown_entries(["figures", figure], figures[figure], tables, sections)
    for claim in (claim for claim in claims if claim in catalogue.claims()):
        tables, entry = catalogue.claims()[claim].tables, _mapping(claims[claim])
        yield from _unknown_entries(["claims", claim, "experiments"], entry.get("experiments"), tables, sections)
        for setting, names in _mapping(entry.get("sensitivity")).items():
            yield from _unknown_entries(["claims", claim, "sensitivity", setting], names, tables, sections)


def _names_of_members(sections: dict[str, dict]) -> Iterator[str]:
    """Experiments whose lists make an experiment with a name that exists."""
    taken = {name for entries in sections.values() for name in entries}
    for section in ("linear", "detection"):
        for name, entry in sections[section].items():
            values = [value for key in VARIED for value in _list(entry.get(key))]
            numbers = all(type(value) in (int, float) for value in values)
            several = math.prod(len(_list(entry.get(key))) or 1 for key in VARIED)
            if several > MOST_JOBS:
                yield f"{_path([section, name])}: must be at most {MOST_JOBS} experiments; its lists make {several}"
                continue
            for member in members(str(name), entry) if values and numbers else ():
                if member in taken:
                    problem = f"its lists make an experiment {_plain(member)}, which exists; rename one"
                    yield f"{_path([section, name])}: {problem}"
                taken.add(member)


def _unknown_entries(path: list[Any], names: Any, tables: Iterable[str], sections: dict[str, dict]) -> Iterator[str]:
    """Names in a list for which there is no entry that these tables are made from."""
    used = plan.sections_of(tables)
    known = [str(name) for section in used for name in sections[section]]
    for place, name in enumerate(_list(names)):
        if isinstance(name, str) and name not in known:
            unknown = f"unknown entry of {' or '.join(used)} {_shown(name)}"
            yield f"{_path([*path, place])}: {unknown}.{_suggestion(name, known)}"


def _untrainable(name: str, experiment: dict[str, Any]) -> Iterator[str]:
    """Models that no training of the experiment fits, trainings that fit no model, and too few samples."""
    trainings, models = (
        [one for one in registry.names(plugin_type) if one in _list(experiment.get(key))]
        for key, plugin_type in (("trainings", "detection.training"), ("models", "detection.models"))
    )
    for model in models:
        fitting = [one for one in registry.names("detection.training") if model in plan.trained_by(one)]
        if trainings and not set(fitting) & set(trainings):
            path = _path(["detection", name, "trainings"])
            yield f"{path}: {model} needs one of {', '.join(fitting)}; found {', '.join(trainings)}"
    for training in trainings:
        if models and not set(plan.trained_by(training)) & set(models):
            path = _path(["detection", name, "models"])
            yield f"{path}: {training} needs one of {', '.join(plan.trained_by(training))}; found {', '.join(models)}"
    for task, sizes in _mapping(experiment.get("n_train")).items():
        if 1 in _list(sizes) and any(training.startswith("layerwise") for training in trainings):
            path = _path(["detection", name, "n_train", task])
            yield f"{path}: layerwise training needs at least 2 samples, one for each layer; found {_shown(sizes)}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole_numbers(value: Any) -> list[int]:
    """A setting's whole number, or those of a list."""
    return [each for each in (value if isinstance(value, list) else [value]) if type(each) is int]


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _unmet(config: dict[str, Any]) -> Iterator[str]:
    """Figures whose experiments cannot be drawn together, in a configuration that has no other error."""

    for figure, names in config["figures"].items():
        path = _path(["figures", figure])
        for required in unmet_requirements(config, figure):
            given = {key: values for key, values in required.items() if values is not None}
            parts = [f"{key} {' and '.join(map(_bare, values)) or 'above 0'}" for key, values in given.items()]
            if same := [key for key in required if key not in given]:
                parts.append(f"{', '.join(same)} of {names[0]}")
            yield (
                f"{path}: needs at least one experiment with {', '.join(parts)}; found none among {', '.join(names)}"
            )
        if settings := catalogue.figures()[figure].common_sizes:
            sizes = {name: _sizes(plan.entry(config, name), settings) for name in names}
            if not set.intersection(*sizes.values()):
                needs = f"its experiments need a sample size in common, with {_any_of(settings)}"
                found = "; ".join(
                    f"{name}: {', '.join(map(str, sorted(own))) or 'none'}" for name, own in sizes.items()
                )
                yield f"{path}: {needs}; found {found}"


def _too_many_jobs(config: dict[str, Any]) -> Iterator[str]:
    """The experiments with the most training jobs, if Snakemake cannot plan them all."""
    jobs = {}
    for section, (ways, _) in plan.WAYS.items():
        for name, one in config[section].items():
            pairs = [
                (model, way)
                for model in one["models"]
                for way in one[ways]
                if section == "linear" or model in plan.trained_by(way)
            ]
            sizes = sum(len(one["n_train"][task]) for task in one["tasks"])
            members = math.prod(len(_list(one.get(key))) or 1 for key in VARIED)
            jobs[section, name] = members * sizes * len(pairs) * -(-one["seeds"] // config["seeds_per_job"])
    if (total := sum(jobs.values())) > MOST_JOBS:
        path = max(jobs, key=lambda key: jobs[key])
        yield (
            f"{_path(path)}: needs {jobs[path]} of {total} training jobs; at most {MOST_JOBS} can be planned. Raise "
            f"seeds_per_job, now {config['seeds_per_job']}, or lower seeds"
        )


def _sizes(experiment: Mapping[str, Any], settings: Mapping[str, list[str]]) -> set[int]:
    """The sample sizes of an experiment, or none if it has no job with one of these settings each."""
    models = [one for one in experiment["models"] if one in settings.get("models", [one])]
    trainings = [one for one in experiment["trainings"] if one in settings["trainings"]]
    if not any(model in plan.trained_by(training) for model in models for training in trainings):
        return set()
    return {size for task in experiment["tasks"] for size in experiment["n_train"][task]}


def _any_of(settings: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{key} {' or '.join(values)}" for key, values in settings.items())
