"""Collect a table from its parts, and refuse parts that do not belong."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pipeline.files import read_table


def collect(
    expected: Mapping[str, Mapping[str, Any]], last: Mapping[str, int] = MappingProxyType({})
) -> tuple[list[Any], list[dict[str, Any]]]:
    """Read the parts of a table, in order.

    ``expected`` has the spec of the job that makes each part: the part must say that it was made by just that, and, of
    a job with seeds from ``first`` to ``last``, have one row for each, or as many as it has ``initialisations``. Of a
    part that holds more seeds than the table wants only those up to the ``last`` that is given for it are taken.

    Returns:
        The tables, and the distinct circumstances (commit, libraries, device) under which they were made.

    Raises:
        ValueError: names every part that is damaged, has a row too few or too many, or comes from another job.
    """
    tables, circumstances, mistakes = [], [], []
    for path, spec in expected.items():
        try:
            table, provenance = read_table(path)
        except ValueError as problem:
            mistakes.append(str(problem))
            continue
        made_by = provenance.pop("configuration", {})
        differing = [key for key in sorted({*made_by, *spec}) if made_by.get(key) != spec.get(key)]
        if differing:
            found = ", ".join(f"{key} = {made_by.get(key)!r}, now {spec.get(key)!r}" for key in differing)
            mistakes.append(f"{path} comes from another job ({found})")
        elif "first" in spec and table["seed"].to_pylist() != _seeds(**spec):
            mistakes.append(
                f"{path} should have its rows for each seed from {spec['first']} to {spec['last']}, in order"
            )
        if path in last:
            table = table.slice(0, sum(seed <= last[path] for seed in table["seed"].to_pylist()))
        tables.append(table)
        if provenance not in circumstances:
            circumstances.append(provenance)
    if mistakes:
        raise ValueError("\n".join(["Nothing is collected. Delete the files named here and run again:", *mistakes]))
    return tables, circumstances


def _seeds(first: int, last: int, initialisations: int = 1, **_: Any) -> list[int]:
    return [seed for seed in range(first, last + 1) for _ in range(initialisations)]
