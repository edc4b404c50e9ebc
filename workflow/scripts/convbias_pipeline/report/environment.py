"""Where the tables of a run come from: code, libraries and machines, by what their files say of themselves."""

import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from convbias_pipeline.store.files import read_provenance


def table_environments(tables: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Rows of whose, what and value: of each table what its parts were made with, then this machine.

    What parts do not agree on stands there once for each value.
    """
    for path in tables:
        for what, values in _told(read_provenance(path)["environments"]).items():
            yield from ((Path(path).stem, what, value) for value in values)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield from (
        ("this machine", what, value)
        for what, value in (
            ("system", platform.platform()),
            ("processor", _processor()),
            ("cores", str(os.cpu_count())),
            ("memory", f"{memory:.0f} GiB"),
        )
    )


def _told(parts: list[dict[str, Any]]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for part in parts:
        flat = {**part, **part.get("libraries", {})}
        for what, value in flat.items():
            if what != "libraries" and value is not None and str(value) not in told.setdefault(what, []):
                told[what].append(str(value))
    return told


def _processor() -> str:
    """The processor's name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
