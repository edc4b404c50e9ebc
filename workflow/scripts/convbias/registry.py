"""Families of interchangeable parts: every file in a folder such as ``tasks/``, ``models/`` or ``figures/`` is one."""

import importlib
from pathlib import Path
from types import ModuleType


def names(family: str) -> list[str]:
    """The members of a family such as ``tasks`` or ``patterns.tasks``, from its folder without importing anything."""
    return sorted(file.stem for file in Path(__file__).parent.joinpath(*family.split(".")).glob("[!_]*.py"))


def load(family: str, name: str) -> ModuleType:
    """The module of one member, and of no other: a job imports only what it uses.

    Raises:
        ValueError: the family has no such member.
    """
    if name not in names(family):
        raise ValueError(f"{family}: {name!r} is unknown; there are: {', '.join(names(family))}")
    return importlib.import_module(f"convbias.{family}.{name}")
