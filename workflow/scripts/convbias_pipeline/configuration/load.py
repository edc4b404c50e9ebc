"""Merge the files of a configuration: general settings, then the papers, then the changes of the user."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from convbias import catalogue

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is six times as fast, but not always there
ENTRIES = ("linear", "detection", "theory", "examples")  # sections with experiments
SECTIONS = (*ENTRIES, "claims", "figures")

VARIED = {  # settings that an experiment may list, each with its symbol in the names of the experiments that result
    "d": "d",
    "k": "k",
    "n_patterns": "n",
    "channels": "k",
    "noise": "noise",
    "learning_rate": "lr",
    "init_scale": "b",
}


def papers(root: Path) -> list[str]:
    """The papers that have a file in ``config/``."""
    return sorted(file.stem for file in (root / "config").glob("*.yaml"))


def load(changes: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Merge ``config.yaml``, the file of each paper in its list ``papers``, and the changes of the user.

    The changes are a JSON merge patch (RFC 7396) with two additions. A name with ``*`` changes all entries of a section
    that match it; if its value is null, it drops those that the changes do not name. An entry that is dropped also
    leaves the claims and figures that use it; a claim or figure whose first entry is dropped goes, too.

    ``labels`` of a paper's file says which settings the paper states and which are derived. All others are assumed, and
    so is every setting that the changes change. The labels of each entry are then complete.

    Wrong values are merged as they are: ``check`` reports them.
    """
    config = read(root / "config.yaml")
    chosen = changes.get("papers", config["papers"])
    config |= {section: {} for section in SECTIONS}
    for paper in chosen if isinstance(chosen, list) else ():
        if paper in papers(root):
            content = read(root / "config" / f"{paper}.yaml")
            for section in SECTIONS:
                entries = content.get(section, {})
                if section in ENTRIES:
                    entries = {name: _labelled(entry, content.get("labels", {})) for name, entry in entries.items()}
                config[section] |= entries
    for key, value in changes.items():
        if key in SECTIONS and isinstance(value, Mapping):
            config[key] = _changed(config[key], value, labelled=key in ENTRIES)
        else:
            config[key] = {} if key in SECTIONS and value is None else value
    _forget(config, _names(changes, root, chosen) - _names_of(config))
    return config


def read(file: Path) -> Any:
    """The content of a YAML file."""
    return yaml.load(file.read_text(encoding="utf-8"), LOADER)


def _labelled(entry: dict[str, Any], of_paper: Mapping[str, str]) -> dict[str, Any]:
    own = entry.get("labels", {})
    settings = (key for key in entry if key not in ("labels", "check"))
    return {**entry, "labels": {key: own.get(key, of_paper.get(key, "assumed")) for key in settings}}


def _changed(entries: dict[str, Any], changes: Mapping[str, Any], labelled: bool) -> dict[str, Any]:
    """The entries of a section after the changes."""
    entries = dict(entries)
    for pattern, change in changes.items():
        names = [pattern]
        if "*" in str(pattern):
            names = [
                name for name in entries if fnmatchcase(name, pattern) and not (change is None and name in changes)
            ]
            if not names and change is not None:
                entries[pattern] = change  # which no schema allows as a name
        for name in names:
            if change is None:
                entries.pop(name, None)
            else:
                entries[name] = _patched(entries.get(name), _with_labels(change) if labelled else change)
    return entries


def _with_labels(change: Any) -> Any:
    """A change of an entry that also labels what it changes as assumed, unless it has other labels."""
    if not isinstance(change, Mapping) or not isinstance(change.get("labels", {}), Mapping):
        return change
    labels = {key: "assumed" for key, value in change.items() if key not in ("labels", "check") and value is not None}
    return {**change, "labels": {**labels, **change.get("labels", {})}}


def _patched(value: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = _patched(merged.get(key), change)
    return merged


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _names_of(config: Mapping[str, Any]) -> set[Any]:
    return {name for section in ENTRIES for name in _mapping(config.get(section))}


def _names(changes: Mapping[str, Any], root: Path, chosen: Any) -> set[Any]:
    """The entries that there are without the changes, if there are changes that can drop some."""
    if not changes.keys() & set(ENTRIES):
        return set()
    files = (read(root / "config" / f"{paper}.yaml") for paper in chosen if paper in papers(root))
    return set().union(*map(_names_of, files))


def _forget(config: dict[str, Any], dropped: set[str]) -> None:
    """Take entries that were dropped out of the claims and figures that name them."""
    if not dropped:
        return

    def left(names: Any) -> Any:
        """What is left of a list; nothing if its first is gone."""
        if not isinstance(names, list) or not names:
            return names
        return [] if names[0] in dropped else [name for name in names if name not in dropped]

    for figure, names in list(_mapping(config["figures"]).items()):
        config["figures"][figure] = left(names)
        if names != left(names) and (not left(names) or list(unmet_requirements(config, figure))):
            del config["figures"][figure]
    for name, claim in list(_mapping(config["claims"]).items()):
        if isinstance(claim, Mapping):
            claim = {**claim, "experiments": left(claim.get("experiments"))}
            if isinstance(claim.get("sensitivity"), Mapping):
                others = {setting: left(names) for setting, names in claim["sensitivity"].items()}
                claim["sensitivity"] = {setting: names for setting, names in others.items() if names != []}
            config["claims"][name] = claim
            if claim["experiments"] == []:
                del config["claims"][name]


def unmet_requirements(config: Mapping[str, Any], figure: str) -> Iterator[dict[str, list[Any]]]:
    """Combinations of settings that a figure needs and none of its experiments has."""
    named = [
        _mapping(config[section]).get(name)
        for name in config["figures"][figure]
        for section in ENTRIES
        if name in _mapping(config[section])
    ]
    for required in catalogue.figures()[figure].required_settings if figure in catalogue.figures() else ():
        if not any(all(_has(_mapping(entry).get(key), values) for key, values in required.items()) for entry in named):
            yield required


def _has(setting: Any, values: list[Any]) -> bool:
    """Whether a setting, or a list of them, has all of some values; any value but 0 if there are none."""
    there = setting if isinstance(setting, list) else [setting]
    return all(value in there for value in values) if values else bool(setting)


def members(name: str, experiment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The experiments that an experiment with lists of settings stands for: wu2019-phase-k-k5 for k = 5."""
    lists = [key for key in VARIED if isinstance(experiment.get(key), list)]
    chosen = (dict(zip(lists, values, strict=True)) for values in product(*(experiment[key] for key in lists)))
    return {
        name + "".join(f"-{VARIED[key]}{value:g}" for key, value in values.items()): {**experiment, **values}
        for values in chosen
    }


def expand(config: dict[str, Any]) -> None:
    """Replace each experiment with lists of settings by its members, wherever it is named; add the claims' figures."""
    names: dict[str, list[str]] = {}
    for section in ("linear", "detection"):
        expanded = {name: members(name, entry) for name, entry in config[section].items()}
        config[section] = {name: entry for each in expanded.values() for name, entry in each.items()}
        names |= {name: list(each) for name, each in expanded.items()}

    def all_of(named: list[str]) -> list[str]:
        return [member for name in named for member in names.get(name, [name])]

    config["figures"] = {figure: all_of(named) for figure, named in config["figures"].items()}
    for claim in config["claims"].values():
        claim["experiments"] = all_of(claim["experiments"])
        claim["sensitivity"] = {setting: all_of(named) for setting, named in claim.get("sensitivity", {}).items()}
    for claim in config["claims"]:
        config["figures"].setdefault(catalogue.claims_figure(catalogue.claims()[claim].paper).name, [])
