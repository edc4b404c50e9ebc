"""Collect a table from its shards, a few at a time, and refuse shards that do not belong to it."""

from collections.abc import Iterable, Iterator
from typing import Any

from convbias.ranges import problems
from convbias_pipeline.jobs.shards import Shard
from convbias_pipeline.store.digest import kind
from convbias_pipeline.store.files import read_table
from convbias_pipeline.store.provenance import other_job

GROUP_BYTES = 16 * 2**20  # of shards that are in memory at once, and are written as one row group
SHARD_BYTES = 2**16  # memory of a shard in addition to its rows


def collect(shards: Iterable[Shard], schema: Any, environments: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """Read the shards of a table, in order, in groups of bounded memory.

    The configuration in a shard's provenance must equal the shard's params. A shard of the seeds ``first`` to ``last``
    must have ``initialisations`` rows for each seed, by default one. If a shard has more seeds than the table needs,
    only those up to its ``upto`` are taken. The columns of a shard must have the names and types of ``schema``. Their
    values must be possible, and those of settings must be the ones in the shard's params. Every new environment
    (commit, libraries, device) of a shard is appended to ``environments``.

    Raises:
        ValueError: after the last group. It names every shard that is damaged, has missing or additional rows, has
            impossible values, or comes from another job.
    """
    group, held, errors = [], 0, []
    for shard in shards:
        try:
            table, provenance = read_table(shard.path)
        except ValueError as problem:
            errors.append(str(problem))
            continue
        if error := _error(shard, table, schema, provenance.pop("configuration", {})):
            errors.append(error)
        if shard.upto is not None:
            table = table.slice(0, sum(seed <= shard.upto for seed in table["seed"].to_pylist()))
        if provenance not in environments:
            environments.append(provenance)
        group.append(table)
        held += table.nbytes + SHARD_BYTES
        if held >= GROUP_BYTES:
            yield group
            group, held = [], 0
    if errors:
        head = "Cannot build the table: these files are damaged or out of date. Delete them and run again:"
        raise ValueError("\n".join([head, *errors]))
    yield group


def _error(shard: Shard, table: Any, schema: Any, made_by: dict[str, Any]) -> str | None:
    """The reason why a shard does not belong to the table, or None if it does."""
    params = shard.params
    if error := other_job(shard.path, made_by, params):
        return error
    found, expected = ({field.name: kind(field.type) for field in of} for of in (table.schema, schema))
    if differing := [name for name in {**expected, **found} if found.get(name) != expected.get(name)]:
        then, now = (", ".join(f"{name} {of.get(name, 'missing')}" for name in differing) for of in (found, expected))
        return f"{shard.path} has other columns than its table: {then}; expected {now}"
    if "first" in params and table["seed"].to_pylist() != _seeds(**params):
        return f"{shard.path} does not have the rows of the seeds {params['first']} to {params['last']} in order"
    if wrong := [*problems(table), *_foreign(table, params)]:
        return f"{shard.path} has rows that are no results: {'; '.join(wrong)}"
    return None


def _foreign(table: Any, params: dict[str, Any]) -> Iterator[str]:
    """Columns of a shard of networks that differ from the params of its job."""
    computed = {"steps", *(["d"] if params.get("images") else [])}  # d of the params has no effect on images
    for name in table.column_names if "first" in params else ():
        values = table[name].unique().to_pylist() if name in params and name not in computed else []
        if any(value != params[name] for value in values):
            yield f"column {name}: must be {params[name]} in all rows; found {', '.join(map(str, values[:9]))}"


def _seeds(first: int, last: int, initialisations: int = 1, **_: Any) -> list[int]:
    return [seed for seed in range(first, last + 1) for _ in range(initialisations)]
