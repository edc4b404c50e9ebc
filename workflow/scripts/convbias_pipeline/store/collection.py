"""Collect a table from its shards, a few at a time, and refuse shards that do not belong to it."""

from collections.abc import Iterable, Iterator
from typing import Any

from convbias_pipeline.jobs.shards import Shard
from convbias_pipeline.store.files import read_table

GROUP_BYTES = 16 * 2**20  # of shards that are in memory at once, and are written as one row group
SHARD_BYTES = 2**16  # memory of a shard in addition to its rows


def collect(shards: Iterable[Shard], environments: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """Read the shards of a table, in order, in groups of bounded memory.

    The configuration in a shard's provenance must equal the shard's params. A shard of the seeds ``first`` to ``last``
    must have ``initialisations`` rows for each seed, by default one. If a shard has more seeds than the table needs,
    only those up to its ``upto`` are taken. Every new environment (commit, libraries, device) of a shard is appended to
    ``environments``.

    Raises:
        ValueError: after the last group. It names every shard that is damaged, has missing or additional rows, or comes
            from another job.
    """
    group, held, errors = [], 0, []
    for shard in shards:
        try:
            table, provenance = read_table(shard.path)
        except ValueError as problem:
            errors.append(str(problem))
            continue
        if error := _error(shard, table, provenance.pop("configuration", {})):
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


def _error(shard: Shard, table: Any, made_by: dict[str, Any]) -> str | None:
    """The reason why a shard does not belong to the table, or None if it does."""
    params = shard.params
    if differing := [key for key in sorted({*made_by, *params}) if made_by.get(key) != params.get(key)]:
        then, now = (", ".join(f"{key} = {of.get(key)!r}" for key in differing) for of in (made_by, params))
        return f"{shard.path} was computed with {then}; the configuration now has {now}"
    if "first" in params and table["seed"].to_pylist() != _seeds(**params):
        return f"{shard.path} does not have the rows of the seeds {params['first']} to {params['last']} in order"
    return None


def _seeds(first: int, last: int, initialisations: int = 1, **_: Any) -> list[int]:
    return [seed for seed in range(first, last + 1) for _ in range(initialisations)]
