"""Collect a table from its parts, a few at a time, and refuse parts that do not belong."""

from collections.abc import Iterable, Iterator
from typing import Any

from convbias_pipeline.jobs.shards import Shard
from convbias_pipeline.store.files import read_table

GROUP_BYTES = 16 * 2**20  # of parts that are held at once, and written as one row group
PART_BYTES = 2**16  # that a part takes beside its rows


def collect(shards: Iterable[Shard], environments: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """Read the parts of a table, in order, in groups of bounded memory.

    A part must say that it was made with just its params, and, of a job with seeds from ``first`` to ``last``, have one
    row for each, or as many as it has ``initialisations``. Of a part that holds more seeds than the table wants only
    those up to its ``upto`` are taken. To ``environments`` are added those, in which parts were made, that are not
    there yet (commit, libraries, device).

    Raises:
        ValueError: after the last group; names every part that is damaged, has a row too few or too many, or comes from
            another job.
    """
    group, held, mistakes = [], 0, []
    for shard in shards:
        try:
            table, provenance = read_table(shard.path)
        except ValueError as problem:
            mistakes.append(str(problem))
            continue
        if mistake := _mistake(shard, table, provenance.pop("configuration", {})):
            mistakes.append(mistake)
        if shard.upto is not None:
            table = table.slice(0, sum(seed <= shard.upto for seed in table["seed"].to_pylist()))
        if provenance not in environments:
            environments.append(provenance)
        group.append(table)
        held += table.nbytes + PART_BYTES
        if held >= GROUP_BYTES:
            yield group
            group, held = [], 0
    if mistakes:
        raise ValueError(
            "\n".join(
                [
                    "Cannot build the table: these files are damaged or out of date. Delete them and run again:",
                    *mistakes,
                ]
            )
        )
    yield group


def _mistake(shard: Shard, table: Any, made_by: dict[str, Any]) -> str | None:
    params = shard.params
    if differing := [key for key in sorted({*made_by, *params}) if made_by.get(key) != params.get(key)]:
        then, now = (", ".join(f"{key} = {of.get(key)!r}" for key in differing) for of in (made_by, params))
        return f"{shard.path} was computed with {then}; the configuration now has {now}"
    if "first" in params and table["seed"].to_pylist() != _seeds(**params):
        return f"{shard.path} should have its rows for each seed from {params['first']} to {params['last']}, in order"
    return None


def _seeds(first: int, last: int, initialisations: int = 1, **_: Any) -> list[int]:
    return [seed for seed in range(first, last + 1) for _ in range(initialisations)]
