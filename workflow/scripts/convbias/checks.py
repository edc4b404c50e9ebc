"""What theory says, and what checks it, as the rows of a table.

A member of this family is a file with a function ``curves(..., root_seed) -> dict`` from the settings of an entry to
columns of the theory table; a column that it leaves out is empty.
"""

from collections.abc import Mapping
from typing import Any

from convbias import registry
from convbias.checks import THEORY


def compute(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the theory table, but for the experiment's name."""
    return {**dict.fromkeys(THEORY.names), **registry.load("theory.curves", name).curves(**settings)}


def columns(rows: list[dict[str, Any]]) -> dict[str, list]:
    """Columns from rows that may each lack some."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
