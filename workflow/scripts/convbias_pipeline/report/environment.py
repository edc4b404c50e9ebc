"""The code, libraries and machines behind the tables of a run, read from the provenance in their files."""

import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def table_environments(tables: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Rows of table, item and value: the environments of each table's shards, from its provenance, then this machine.

    If the shards of a table differ in an item, it has one row for each value.
    """
    for name, provenance in tables.items():
        for item, values in _distinct(provenance["environments"]).items():
            yield from ((name, item, value) for value in values)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield from (
        ("this machine", item, value)
        for item, value in (
            ("system", platform.platform()),
            ("processor", _processor()),
            ("cores", str(os.cpu_count())),
            ("memory", f"{memory:.0f} GiB"),
        )
    )


def _distinct(environments: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The distinct values of each item."""
    distinct: dict[str, list[str]] = {}
    for environment in environments:
        flat = {**environment, **environment.get("libraries", {})}
        for item, value in flat.items():
            if item != "libraries" and value is not None and str(value) not in distinct.setdefault(item, []):
                distinct[item].append(str(value))
    return distinct


def _processor() -> str:
    """The name of the processor, or its architecture if the system does not give the name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
