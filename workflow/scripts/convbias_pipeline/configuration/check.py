"""Check a configuration, and report all of its errors at once."""

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from convbias import catalogue, registry
from convbias_pipeline.configuration.load import ENTRIES, LOADER, VARIED, members, read, unmet_requirements
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


class ConfigurationError(ValueError):
    """The configuration is wrong; the message lists every error."""


def check(config: dict[str, Any], root: Path, files: Sequence[Path] = ()) -> None:
    """Check a configuration as ``load`` returns it, and fill in the settings that have a default.

    ``files`` are those that the user named, which the message names as well.

    Raises:
        ConfigurationError: each line names the path of a value, what it must be and what it is.
    """
    duplicates = [line for file in files for line in _duplicate_keys(yaml.compose(file.read_text("utf-8"), LOADER))]
    schema = complete_schema(root)
    errors = duplicates + list(dict.fromkeys(_errors(config, schema)))
    if errors := errors or list(_unmet(config)):
        named = [os.path.relpath(file) for file in files]
        source = " and ".join(named) or "The configuration"
        count = f"{len(errors)} error{'s' if len(errors) > 1 else ''}"
        raise ConfigurationError("\n".join([f"{source} has {count}:", *(f"  {line}" for line in errors)]))
    for section in ENTRIES:
        properties = schema["properties"][section]["additionalProperties"].get("properties", {})
        defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
        config[section] = {name: {**defaults, **entry} for name, entry in config[section].items()}


def complete_schema(root: Path) -> Schema:
    """The schema with the names of plugins, papers, checks, claims and figures, and with the labels of settings."""
    schema: Schema = read(root / "workflow" / "schemas" / "config.schema.yaml")
    defs = schema["$defs"]
    for plugin_type, noun in PLUGINS.items():
        defs[plugin_type] = {"enum": registry.names(plugin_type), "noun": noun}
        defs[f"{plugin_type}[]"] = _list_of(
            {"$ref": f"#/$defs/{plugin_type}"}, f"{noun}s" if noun != "loss" else "losses"
        )
    for system in ("linear", "detection"):
        defs[f"{system}.sizes"] = {
            "type": "object",
            "description": "for each task a list of different sample sizes, at least one",
            "propertyNames": {"$ref": f"#/$defs/{system}.tasks"},
            "additionalProperties": _list_of({"$ref": "#/$defs/count"}, "sample sizes"),
        }
    papers = sorted(file.stem for file in (root / "config").glob("*.yaml"))
    for name, values in (
        ("papers", papers),
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
        entry["required"] = [key for key in entry["required"] if "default" not in entry["properties"][key]]
        if section != "theory":
            entry["properties"]["labels"] = _labels(entry["properties"])
    schema["properties"]["theory"]["additionalProperties"]["allOf"] = [
        {
            "if": {"properties": {"check": {"const": name}}, "required": ["check"]},
            "then": settings_schema(one.settings),
        }
        for name, one in catalogue.checks().items()
    ]
    return schema


def settings_schema(settings: Mapping[str, Any]) -> Schema:
    """The schema of an entry of theory whose check has these settings.

    The type of a setting is the name of a definition in the schema, or a pair (least, most) for whole numbers. A type
    in a list stands for a list of different values.
    """
    properties = {key: _type_schema(of) for key, of in settings.items()}
    properties = {"check": {}, **properties, "labels": _labels(properties)}
    return {"additionalProperties": False, "required": ["check", *settings], "properties": properties}


def _type_schema(of: Any) -> Schema:
    if isinstance(of, list):
        return _list_of(_type_schema(of[0]), "values")
    if isinstance(of, tuple):
        least, most = of
        text = f"a whole number from {least} to {most}"
        return {"type": "integer", "minimum": least, "maximum": most, "description": text}
    return {"$ref": f"#/$defs/{of}"}


def _labels(properties: Schema) -> Schema:
    return {
        "title": "the settings whose label differs from the paper's default, each with its label",
        "type": "object",
        "description": "a mapping from settings to stated, derived or assumed",
        "additionalProperties": False,
        "properties": {key: {"$ref": "#/$defs/label"} for key in properties if key not in ("check", "labels")},
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


def _duplicate_keys(node: yaml.Node | None, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Keys that a mapping has twice: YAML would silently take the last."""
    lines: dict[str, int] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        name, line = str(key.value), key.start_mark.line + 1
        if name in lines and name != "<<":
            yield f"{_path([*path, name])}: duplicate key (lines {lines[name]} and {line})"
        lines[name] = line
        yield from _duplicate_keys(value, (*path, name))


def _errors(config: dict[str, Any], schema: Schema) -> Iterator[str]:
    def resolved(part: Schema) -> Schema:
        return {**schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], **part} if "$ref" in part else part

    found = _Validator(schema).iter_errors(config)
    for error in sorted(found, key=lambda error: ([str(step) for step in error.absolute_path], error.message)):
        yield from _lines(error, resolved)
    yield from _contradictions(config)


def _lines(error: ValidationError, resolved: Any) -> Iterator[str]:
    """One error of the validator, in words."""
    path = list(error.absolute_path)
    value: Any = error.instance
    schema: Schema = error.schema  # type: ignore[assignment]
    if error.validator == "additionalProperties":
        known = schema["properties"]
        for key in sorted(str(key) for key in set(value) - set(known)):
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


def _suggestion(name: Any, known: Iterable[str]) -> str:
    close = get_close_matches(str(name), known, 1)
    return f"{f' Did you mean {json.dumps(close[0])}?' if close else ''} Available: {', '.join(known) or 'none'}"


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(steps: Sequence[Any]) -> str:
    """linear.wu2019-fig2.tasks[1], as one would look for it in the file."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_plain(step)}" for step in steps)
    return text.removeprefix(".") or "the configuration"


def _plain(name: Any) -> str:
    """A name on one line, in quotes if it has other characters than names have."""
    return str(name) if re.fullmatch(r"[\w.-]+", str(name)) else repr(str(name))


def _contradictions(config: Any) -> Iterator[str]:
    """Values that are right alone but not together; values of the wrong type have been reported already."""
    sections = {section: _mapping(_mapping(config).get(section)) for section in ENTRIES}
    for section, entries in sections.items():
        for name, entry in entries.items():
            lengths, sizes = (_whole_numbers(_mapping(entry).get(key)) for key in ("d", "k"))
            if lengths and sizes and max(sizes) > min(lengths) > 0:
                yield f"{_path([section, name, 'k'])}: must be at most d = {min(lengths)}; found {max(sizes)}"
    yield from _names_of_members(sections)
    for before, section in combinations(ENTRIES, 2):
        for name in (name for name in sections[section] if name in sections[before]):
            yield f"{_path([section, name])}: {before} has an entry of this name; choose another"
    for name, experiment in sections["linear"].items():
        every, steps = _mapping(experiment).get("record_every"), _mapping(experiment).get("steps")
        if type(every) is type(steps) is int and every > steps > 0:
            yield f"{_path(['linear', name, 'record_every'])}: must be at most steps = {steps}; found {every}"
    for section in ("linear", "detection"):
        for name, experiment in sections[section].items():
            tasks, n_train = _mapping(experiment).get("tasks"), _mapping(experiment).get("n_train")
            if isinstance(tasks, list) and isinstance(n_train, dict):
                for task in (
                    task for task in registry.names(f"{section}.tasks") if task in tasks and task not in n_train
                ):
                    path = _path([section, name, "n_train", task])
                    yield f"{path}: missing; every task of the experiment needs a list of sample sizes"
    for name, experiment in sections["detection"].items():
        yield from _untrainable(name, _mapping(experiment))
    for section in ("detection", "examples"):
        for name, entry in sections[section].items():
            d, l, tasks = (_mapping(entry).get(key) for key in ("d", "l", "tasks"))
            orthogonal = "orthogonal" in [*_list(tasks), _mapping(entry).get("task")]
            lengths = _whole_numbers(d)
            if orthogonal and lengths and type(l) is int and l > min(lengths) > 0:
                yield f"{_path([section, name, 'l'])}: must be at most d = {min(lengths)}; found {l}"
    figures = _mapping(_mapping(config).get("figures"))
    for figure in (figure for figure in figures if figure in catalogue.figures()):
        tables = catalogue.figures()[figure].tables
        yield from _unknown_entries(["figures", figure], figures[figure], tables, sections)
    claims = _mapping(_mapping(config).get("claims"))
    for claim in (claim for claim in claims if claim in catalogue.claims()):
        tables, entry = catalogue.claims()[claim].tables, _mapping(claims[claim])
        yield from _unknown_entries(["claims", claim, "experiments"], entry.get("experiments"), tables, sections)
        for setting, names in _mapping(entry.get("sensitivity")).items():
            yield from _unknown_entries(["claims", claim, "sensitivity", setting], names, tables, sections)


def _names_of_members(sections: dict[str, dict]) -> Iterator[str]:
    """Experiments with lists of settings that stand for one with a name that is taken."""
    taken = {name for entries in sections.values() for name in entries}
    for section in ("linear", "detection"):
        for name, entry in sections[section].items():
            values = [value for key in VARIED for value in _list(_mapping(entry).get(key))]
            numbers = all(type(value) in (int, float) for value in values)
            for member in members(str(name), _mapping(entry)) if values and numbers else ():
                if member in taken:
                    yield f"{_path([section, name])}: its lists make an experiment {member}, which exists; rename one"
                taken.add(member)


def _unknown_entries(path: list[Any], names: Any, tables: Iterable[str], sections: dict[str, dict]) -> Iterator[str]:
    """Names of a list that no entry has from which these tables are made."""
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
    """Figures whose experiments lack what they draw, in a configuration that has no other error."""
    for figure, names in config["figures"].items():
        for required in unmet_requirements(config, figure):
            parts = (f"{key} {' and '.join(map(str, values)) or 'above 0'}" for key, values in required.items())
            needs = f"needs at least one experiment with {', '.join(parts)}"
            yield f"{_path(['figures', figure])}: {needs}; found none among {', '.join(names)}"
