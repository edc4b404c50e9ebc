"""Collect a table from its parts, and refuse parts that do not belong."""

from collections.abc import Mapping
from typing import Any

from pipeline.files import read_table


def collect(expected: Mapping[str, Mapping[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Read the parts of a table, in order.

    ``expected`` says of each path which ``code`` made it, from the ``first`` to the ``last`` of which seeds its rows
    go, and which value each other column named there has in all rows.

    Returns:
        The tables, and the distinct provenances among them.

    Raises:
        ValueError: names every part that is damaged, has a row too few or too many, or comes from other code.
    """
    tables, provenances, mistakes = [], [], []
    for path, part in expected.items():
        columns = dict(part)
        code, seeds = columns.pop("code"), list(range(columns.pop("first"), columns.pop("last") + 1))
        try:
            table, provenance = read_table(path)
        except ValueError as problem:
            mistakes.append(str(problem))
            continue
        made_by = provenance["configuration"]["code"]
        if made_by != code:
            mistakes.append(f"{path} was made by other code (fingerprint {made_by}, now {code})")
        if table["seed"].to_pylist() != seeds:
            mistakes.append(f"{path} should have one row for each seed from {seeds[0]} to {seeds[-1]}, in order")
        for column, value in columns.items():
            if set(table[column].to_pylist()) - {value}:
                mistakes.append(f"{path}: {column} should be {value!r} in every row")
        tables.append(table)
        if provenance not in provenances:
            provenances.append(provenance)
    if mistakes:
        raise ValueError("\n".join(["Nothing is collected. Delete the files named here and run again:", *mistakes]))
    return tables, provenances
