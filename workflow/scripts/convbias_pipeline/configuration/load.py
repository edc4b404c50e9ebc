"""Merge the files of a configuration: those of the papers, then the general settings, then the user's changes."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

from convbias import catalogue
from convbias_pipeline.configuration.read import read

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
    """The papers that have a file in ``config/``. Its ``config.yaml`` is for workflows that use this one."""
    return sorted(file.stem for file in (root / "config").glob("*.yaml") if file.stem != "config")


def paper_files(chosen: Any, root: Path) -> list[Path]:
    """The files of the chosen papers, except of those that have none."""
    known = papers(root)
    return [
        root / "config" / f"{paper}.yaml" for paper in (chosen if isinstance(chosen, list) else ()) if paper in known
    ]


def load(changes: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Merge the file of each paper in the list ``papers``, ``config.yaml``, and the changes of the user.

    The changes are a JSON merge patch (RFC 7396) with two additions. A name with ``*`` changes all entries of a section
    that match it. If its value is null, it drops all of these that the changes do not name. Dropping an entry also
    removes it from claims and figures. A claim or figure whose first entry is dropped is dropped, too.

    ``labels`` of a paper's file has the settings that the paper states, and those that are derived. All other settings
    are assumed, and so are all settings that the changes change.

    Wrong values are merged unchanged, and so is a name with ``*`` or a null that matches nothing. ``check`` reports
    them.
    """
    general = _mapping(read(root / "config.yaml"))
    config = {**general, **{section: {} for section in SECTIONS}}
    for file in paper_files(changes.get("papers", general.get("papers")), root):
        content = _mapping(read(file))
        own = {key: value for key, value in content.items() if key != "labels" and value is not None}
        _merge(config, own, _mapping(content.get("labels")))
    before = _names(config)
    for each in (general, changes):
        _merge(config, each, {})
    _forget(config, before - _names(config))
    return config


def _merge(config: dict[str, Any], content: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Apply the content of a file. Its settings have these labels, or else are assumed."""
    for key, value in content.items():
        if key in SECTIONS and isinstance(value, Mapping):
            config[key] = _changed(_mapping(config[key]), value, labels if key in ENTRIES else None)
        else:
            config[key] = {} if key in SECTIONS and value is None else value


def _changed(
    entries: Mapping[str, Any], changes: Mapping[str, Any], labels: Mapping[str, str] | None
) -> dict[str, Any]:
    """The entries of a section after the changes. Names with ``*`` come first, so the change of one entry wins."""
    entries = dict(entries)
    for name, change in sorted(changes.items(), key=lambda item: "*" not in str(item[0])):
        many = "*" in str(name)
        found = [one for one in entries if (fnmatchcase(str(one), str(name)) if many else one == name)]
        if change is None and (found or name == "*"):
            for one in found:
                if not many or one not in changes:
                    del entries[one]
        else:
            for one in found or [name]:
                entries[one] = _patched(entries.get(one), change if labels is None else _labelled(change, labels))
    return entries


def _labelled(change: Any, labels: Mapping[str, str]) -> Any:
    """A change of an entry that also labels the settings that it changes."""
    own = _mapping(change).get("labels", {})
    if not isinstance(change, Mapping) or not isinstance(own, Mapping):
        return change
    return {**change, "labels": {**{key: labels.get(key, "assumed") for key in change if is_setting(key)}, **own}}


def is_setting(key: Any) -> bool:
    """Whether a key of an entry is a setting, which has a label."""
    return key not in ("labels", "check")


def _patched(value: Any, patch: Any) -> Any:
    """RFC 7396, except that a null for a missing key stays."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(_mapping(value))
    for key, change in patch.items():
        if change is None and key in merged:
            del merged[key]
        else:
            merged[key] = _patched(merged.get(key), change)
    return merged


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _names(config: Mapping[str, Any]) -> set[Any]:
    return {name for section in ENTRIES for name in _mapping(config[section])}


def _forget(config: dict[str, Any], dropped: set[Any]) -> None:
    """Remove dropped entries from the claims and figures that name them."""
    names, old = list(dropped), {section: _mapping(config[section]) for section in ("claims", "figures")}

    def left(value: Any) -> Any:
        """A list without these names, or empty if it began with one. Mappings lose the lists that are empty now."""
        if isinstance(value, list):
            kept = [name for name in value if name not in names]
            return kept if kept[:1] == value[:1] else []
        if isinstance(value, Mapping):
            rest = {key: left(one) for key, one in value.items()}
            return {key: one for key, one in rest.items() if one or not value[key]}
        return value

    config |= {section: left(config[section]) for section in old if dropped}
    for claim, entry in list(_mapping(config["claims"]).items()):
        if "experiments" in _mapping(old["claims"][claim]) and "experiments" not in entry:
            del config["claims"][claim]
    for figure, shown in list(_mapping(config["figures"]).items()):
        if shown != old["figures"][figure] and any(unmet_requirements(config, figure)):
            del config["figures"][figure]


def unmet_requirements(config: Mapping[str, Any], figure: str) -> Iterator[dict[str, list[Any] | None]]:
    """Required combinations of settings of a figure that none of its experiments has."""
    names = config["figures"][figure] if isinstance(config["figures"][figure], list) else []
    entries = {name: _mapping(one) for section in ENTRIES for name, one in _mapping(config[section]).items()}
    named = [one for name, one in entries.items() if name in names]
    own = entries.get(str(names[0]), {}) if names else {}
    for required in catalogue.figures()[figure].required_settings if figure in catalogue.figures() else ():
        values = {key: _values(own.get(key))[:1] if listed is None else listed for key, listed in required.items()}
        if not any(all(_has(entry.get(key), listed) for key, listed in values.items()) for entry in named):
            yield required


def _has(setting: Any, values: list[Any]) -> bool:
    """Whether a setting has all of these values, or is not 0 if there are none."""
    return all(value in _values(setting) for value in values) if values else bool(setting)


def _values(setting: Any) -> list[Any]:
    return setting if isinstance(setting, list) else [setting]


def members(name: str, experiment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The experiments that an experiment with lists of settings stands for: wu2019-phase-k-k5 for k = 5."""
    lists = [key for key in VARIED if isinstance(experiment.get(key), list)]
    chosen = (dict(zip(lists, values, strict=True)) for values in product(*(experiment[key] for key in lists)))
    return {
        name + "".join(f"-{VARIED[key]}{exact(value)}" for key, value in values.items()): {**experiment, **values}
        for values in chosen
    }


def exact(value: float) -> str:
    """A number as the shortest text that gives it back, with characters that names can have: 0.05, 1000000, 1e20."""
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e16)
    return str(int(value)) if whole else repr(float(value)).replace("e+", "e")


def expand(config: dict[str, Any]) -> None:
    """Replace each experiment with lists of settings by its members, wherever it is named."""
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
