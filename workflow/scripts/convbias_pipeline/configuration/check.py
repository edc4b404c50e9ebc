"""Check a configuration, and report everything that is wrong with it at once."""

import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from convbias import registry
from convbias_pipeline.jobs import plan

FAMILIES = (
    "tasks",
    "models",
    "losses",
    "figures",
    "patterns.tasks",
    "patterns.models",
    "patterns.training",
    "theory.curves",
)

# jsonschema takes 100.0 for an integer and NaN for a number
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: type(value) is int,
        "number": lambda _, value: type(value) is int or (type(value) is float and math.isfinite(value)),
    }
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is six times as fast, and not everywhere
_Validator = validators.extend(Draft202012Validator, type_checker=_TYPES)


class ConfigurationError(ValueError):
    """The configuration is wrong; the message lists every mistake."""


def check(config: dict[str, Any], schema: Path, files: Sequence[Path] = ()) -> None:
    """Raise an error that lists every mistake, with its path in the file, what is allowed and what was given.

    ``files`` are those that the configuration was read from, which the message names.

    Raises:
        ConfigurationError: with one line per mistake.
    """
    twice = [line for file in files for line in _repeated(yaml.compose(file.read_text(encoding="utf-8"), _LOADER))]
    mistakes = twice + list(dict.fromkeys(_mistakes(config, yaml.load(schema.read_text(), _LOADER))))
    if mistakes := mistakes or list(_unmet_needs(config)):
        source = " and ".join(os.path.relpath(file) for file in files) or "the configuration"
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        raise ConfigurationError("\n".join([f"{count} in {source}:", *(f"  {line}" for line in mistakes)]))


def _repeated(node: yaml.Node | None, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Keys that stand twice in a mapping, of which YAML would take the last and drop the others."""
    lines: dict[str, int] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        name, line = str(key.value), key.start_mark.line + 1
        if name in lines and name != "<<":
            yield f"{_path([*path, name])}: allowed: once; given: in line {lines[name]} and in line {line}"
        lines[name] = line
        yield from _repeated(value, (*path, name))


def _mistakes(config: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for family in FAMILIES:
        names = registry.names(family)
        schema["$defs"][family] = {"enum": [name.replace("_", "-") for name in names] if family == "figures" else names}
    schema["$defs"]["claims"] = {"enum": plan.claims()}
    errors = _Validator(schema).iter_errors(config)

    def definition(part: dict[str, Any]) -> dict[str, Any]:
        return schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part

    for error in sorted(errors, key=lambda error: ([str(step) for step in error.absolute_path], error.message)):
        yield from _lines(error, definition)
    yield from _contradictions(config)


def _lines(error: ValidationError, definition: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[str]:
    """One mistake in the words of the schema's descriptions."""
    path = list(error.absolute_path)
    given: Any = error.instance
    schema: dict[str, Any] = error.schema  # type: ignore[assignment]
    if error.validator == "additionalProperties":
        allowed = ", ".join(schema["properties"])
        for key in sorted(str(key) for key in set(given) - set(schema["properties"])):
            yield f"{_path([*path, key])}: unknown key; allowed here: {allowed}"
    elif error.validator == "required":
        for key in (key for key in schema["required"] if key not in given):
            yield f"{_path([*path, key])}: missing; {_allowed(definition(schema['properties'][key]))}"
    elif "propertyNames" in error.absolute_schema_path:
        yield f"{_path(path)}: {_shown(given)} cannot be a name; {_allowed(schema)}"
    else:
        yield f"{_path(path)}: {_allowed(schema)}; given: {_shown(given)}"


def _allowed(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"allowed: {', '.join(map(str, schema['enum']))}"
    return f"allowed: {schema['description']}"


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(steps: list[Any]) -> str:
    """experiments.wu2019-fig2.tasks[1], as one would look for it in the file."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_plain(step)}" for step in steps)
    return text.removeprefix(".") or "the configuration"


def _plain(name: Any) -> str:
    """A name on one line, in quotes where it is no good one."""
    return str(name) if re.fullmatch(r"[\w.-]+", str(name)) else repr(str(name))


def _contradictions(config: Any) -> Iterator[str]:
    """Values that are allowed alone but not together; parts of the wrong type have been reported already."""
    sections = {section: _mapping(_mapping(config).get(section)) for section in plan.SECTIONS}
    for section, entries in sections.items():
        for name, entry in entries.items():
            lengths, sizes = (_whole_numbers(_mapping(entry).get(key)) for key in ("d", "k"))
            if lengths and sizes and max(sizes) > min(lengths) > 0:
                yield f"{_path([section, name, 'k'])}: allowed: at most d = {min(lengths)}; given: {max(sizes)}"
    yield from _names_twice(sections)
    for before, section in combinations(plan.SECTIONS, 2):
        for name in (name for name in sections[section] if name in sections[before]):
            yield f"{_path([section, name])}: allowed: a name that {before} does not have; given: {_shown(name)}"
    for name, experiment in sections["experiments"].items():
        every, steps = _mapping(experiment).get("record_every"), _mapping(experiment).get("steps")
        if type(every) is type(steps) is int and every > steps > 0:
            yield f"{_path(['experiments', name, 'record_every'])}: allowed: at most steps = {steps}; given: {every}"
    for section, family in (("experiments", "tasks"), ("patterns", "patterns.tasks")):
        for name, experiment in sections[section].items():
            tasks, points = _mapping(experiment).get("tasks"), _mapping(experiment).get("n_train")
            if isinstance(tasks, list) and isinstance(points, dict):
                for task in (task for task in registry.names(family) if task in tasks and task not in points):
                    path = _path([section, name, "n_train", task])
                    yield f"{path}: missing; allowed: a list of sample sizes for every task named"
    for name, experiment in sections["patterns"].items():
        yield from _untrainable(name, _mapping(experiment))
    for section in ("patterns", "examples"):
        for name, entry in sections[section].items():
            d, l, tasks = (_mapping(entry).get(key) for key in ("d", "l", "tasks"))
            orthogonal = "orthogonal" in [*_list(tasks), _mapping(entry).get("task")]
            lengths = _whole_numbers(d)
            if orthogonal and lengths and type(l) is int and l > min(lengths) > 0:
                yield f"{_path([section, name, 'l'])}: allowed: at most d = {min(lengths)}; given: {l}"
    sections["claims"] = _mapping(_mapping(config).get("claims"))
    figures = _mapping(_mapping(config).get("figures"))
    for figure in (figure for figure in figures if plan.is_figure(figure)):
        tables = plan.figure_constant(figure, "TABLES")
        yield from _unknown(["figures", figure], figures[figure], tables, sections)
    for claim in (claim for claim in sections["claims"] if claim in plan.claims()):
        tables, entry = plan.claim_tables(claim), _mapping(sections["claims"][claim])
        yield from _unknown(["claims", claim, "experiments"], entry.get("experiments"), tables, sections)
        for setting, names in _mapping(entry.get("sensitivity")).items():
            yield from _unknown(["claims", claim, "sensitivity", setting], names, tables, sections)


def _names_twice(sections: dict[str, dict]) -> Iterator[str]:
    """Members of experiments with lists of settings that are called as something else is."""
    taken = {name for entries in sections.values() for name in entries}
    for section in ("experiments", "patterns"):
        for name, entry in sections[section].items():
            values = [value for key in plan.VARIED for value in _list(_mapping(entry).get(key))]
            numbers = all(type(value) in (int, float) for value in values)
            for member in plan.members(str(name), _mapping(entry)) if values and numbers else ():
                if member in taken:
                    path = _path([section, name])
                    yield f"{path}: allowed: a name that leaves {member} free; given: {_shown(name)}"
                taken.add(member)


def _unknown(path: list[Any], names: Any, tables: Iterable[str], sections: dict[str, dict]) -> Iterator[str]:
    """Those of a list of names that are of no entry from which these tables are made."""
    parts = plan.sections_of(tables)
    there = [name for part in parts for name in sections[part]]
    for place, name in enumerate(_list(names)):
        if isinstance(name, str) and name not in there and (there or "experiments" not in parts):
            allowed = (
                ", ".join(map(_plain, there)) or f"the name of an entry of {' or '.join(sorted(parts))}, which has none"
            )
            yield f"{_path([*path, place])}: allowed: {allowed}; given: {_shown(name)}"


def _untrainable(name: str, experiment: dict[str, Any]) -> Iterator[str]:
    """Models of a pattern experiment that none of its ways to train fits, ways that fit none, and too few samples."""
    trainings, models = (
        [part for part in registry.names(family) if part in _list(experiment.get(key))]
        for key, family in (("trainings", "patterns.training"), ("models", "patterns.models"))
    )
    trained = {training: plan.trained_by(training) for training in trainings}
    for model in models:
        fitting = [name for name in registry.names("patterns.training") if model in plan.trained_by(name)]
        if trainings and not set(fitting) & set(trainings):
            path = _path(["patterns", name, "trainings"])
            yield f"{path}: allowed: with {model} one of {', '.join(fitting)}; given: {', '.join(trainings)}"
    for training, trainable in trained.items():
        if models and not set(trainable) & set(models):
            path = _path(["patterns", name, "models"])
            yield f"{path}: allowed: with {training} one of {', '.join(trainable)}; given: {', '.join(models)}"
    for task, sizes in _mapping(experiment.get("n_train")).items():
        if 1 in _list(sizes) and any(training.startswith("layerwise") for training in trainings):
            path = _path(["patterns", name, "n_train", task])
            yield f"{path}: allowed: with layerwise training at least 2, one for each layer; given: {_shown(sizes)}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole_numbers(value: Any) -> list[int]:
    """A setting's whole number, or those of a list."""
    return [each for each in (value if isinstance(value, list) else [value]) if type(each) is int]


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _unmet_needs(config: dict[str, Any]) -> Iterator[str]:
    """Figures whose experiments lack what they draw, in a configuration that has no other mistake."""
    for figure, names in config["figures"].items():
        entries = plan.entries(config, figure)
        for need in plan.figure_constant(figure, "NEEDS"):
            if not any(all(_has(entry.get(key), values) for key, values in need.items()) for entry in entries):
                wanted = (f"{key} {' and '.join(map(_shown, values)) or 'above 0'}" for key, values in need.items())
                allowed = f"experiments of which one has {', '.join(wanted)}"
                yield f"{_path(['figures', figure])}: allowed: {allowed}; given: {_shown(names)}"


def _has(setting: Any, values: list[Any]) -> bool:
    """Whether a setting, or a list of them, has all of some values; any value but 0 where there are none."""
    there = setting if isinstance(setting, list) else [setting]
    return all(value in there for value in values) if values else bool(setting)
