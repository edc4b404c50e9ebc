"""Plugins: every module in a folder such as ``linear/tasks`` or ``papers/wu2019/figures`` is found by its name."""

import ast
import importlib
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

CORE = Path(__file__).parent


def names(plugin_type: str) -> list[str]:
    """The plugins of a type such as ``linear.tasks``, read from its folder without an import."""
    return sorted(file.stem for file in CORE.joinpath(*plugin_type.split(".")).glob("[!_]*.py"))


def papers() -> list[str]:
    """The papers that have a folder in ``papers``."""
    return sorted(file.parent.name for file in CORE.glob("papers/*/__init__.py"))


def load(plugin_type: str, name: str) -> ModuleType:
    """Import a single plugin.

    Raises:
        ValueError: there is no such plugin.
    """
    if name not in names(plugin_type):
        raise ValueError(f"{plugin_type}: unknown plugin {name!r}. Available: {', '.join(names(plugin_type))}")
    return importlib.import_module(f"convbias.{plugin_type}.{name}")


def path(module: str) -> Path:
    """The file of a core module such as ``linear.tasks.cls``."""
    return CORE.joinpath(*module.split(".")).with_suffix(".py")


@cache
def constants(module: str) -> dict[str, Any]:
    """The constants of a core module that are literals, without importing it, which can take seconds.

    Raises:
        ValueError: a constant has a key twice, of which Python itself would silently take the last.
    """
    literals = {}
    for node in ast.parse(path(module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                if twice := _keys_given_twice(node.value):
                    file = path(module).relative_to(CORE)
                    raise ValueError(f"{file}: {target.id} has the key {', '.join(twice)} twice. Rename or remove one.")
                try:
                    literals[target.id] = ast.literal_eval(node.value)
                except ValueError:
                    continue  # not a literal: computed when the module is imported
    return literals


def _keys_given_twice(value: ast.expr) -> list[str]:
    """The keys that one mapping in an expression has more than once."""
    mappings = (node.keys for node in ast.walk(value) if isinstance(node, ast.Dict))
    counts = (Counter(key.value for key in keys if isinstance(key, ast.Constant)) for keys in mappings)
    return [repr(key) for each in counts for key, count in each.items() if count > 1]
