"""Which files hold the rows of a table: those that its jobs would make, or others that are there and hold the same."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from convbias_pipeline.store.files import read_table

Job = dict[str, Any]


@dataclass(frozen=True)
class Shard:
    """A file that a table is collected from, with the params of the job that makes it.

    ``upto`` is the last seed to take, where the file holds more than the table wants.
    """

    path: str
    params: dict[str, Any]
    upto: int | None = None


def cover(jobs: Iterable[Job], path: str, params: Callable[[Job], dict[str, Any]]) -> Iterator[Shard]:
    """The parts that a table is collected from, in its order.

    A network is its seed, so a row is the same in whatever block of seeds it was trained. Where the file of a job
    (``path``, filled in with the job) is not there, others that hold its seeds, made by the same code with the same
    settings, take its place: fewer seeds train nothing, and more seeds only those that are new.
    """
    for shared, group in groupby(jobs, lambda job: {key: job[key] for key in job if key not in ("first", "last")}):
        planned = list(group)
        for job in planned if _all_there(planned, path) else _others(planned, shared, path, params):
            more = "last" in job and job["last"] > planned[-1]["last"]
            yield Shard(path.format(**job), params(job), planned[-1]["last"] if more else None)


OWN = ("n_train", "first", "last")  # what parts that are otherwise alike differ in


def pack(shards: Iterable[Shard], path: str) -> dict[str, Any]:
    """The parts in few words, as plain values: what they have in common is said once. ``path`` is that of ``cover``."""
    groups: dict[str, dict[str, Any]] = {}
    for shard in shards:
        shared = {key: value for key, value in shard.params.items() if key not in OWN}
        group = groups.setdefault(json.dumps(shared, sort_keys=True), {"shared": shared, "own": []})
        own = {key: shard.params[key] for key in OWN if key in shard.params}
        group["own"].append(own if shard.upto is None else {**own, "upto": shard.upto})
    return {"path": path, "groups": list(groups.values())}


def unpack(packed: dict[str, Any]) -> Iterator[Shard]:
    """The parts that ``pack`` was given, those next to each other that have most in common."""
    for group in packed["groups"]:
        for own in group["own"]:
            params = {**group["shared"], **{key: own[key] for key in OWN if key in own}}
            yield Shard(packed["path"].format(**params), params, own.get("upto"))


def _all_there(jobs: list[Job], path: str) -> bool:
    return "first" not in jobs[0] or all(Path(path.format(**job)).exists() for job in jobs)


def _others(planned: list[Job], shared: Job, path: str, params: Callable[[Job], dict[str, Any]]) -> Iterator[Job]:
    """Blocks of the planned seeds: from each seed on the longest that is there, else a new one up to the next."""
    there = [{**shared, **block} for block in _found(Path(path.format(**planned[0])).parent)]
    usable = [job for job in there if _made_by(path.format(**job), params(job))]
    seed = planned[0]["first"]
    while seed <= planned[-1]["last"]:
        held = [job["last"] for job in usable if job["first"] == seed]
        ends = [job["last"] for job in planned if job["last"] >= seed]
        ends += [job["first"] - 1 for job in usable if job["first"] > seed]
        last = max(held) if held else min(ends)
        yield {**shared, "first": seed, "last": last}
        seed = last + 1


def _found(folder: Path) -> Iterator[dict[str, int]]:
    """The blocks of seeds that have a file in a folder."""
    for file in sorted(folder.glob("seeds*.parquet")):
        if match := re.fullmatch(r"seeds(\d+)-(\d+)", file.stem):
            yield {"first": int(match[1]), "last": int(match[2])}


def _made_by(path: str, params: dict[str, Any]) -> bool:
    """Whether a file is whole and comes from a job with this params."""
    try:
        return bool(read_table(path)[1].get("configuration") == params)
    except ValueError:
        return False
