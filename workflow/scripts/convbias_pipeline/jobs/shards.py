"""The files of a table's rows: those of the planned jobs, or existing files with the same rows."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from convbias_pipeline.store.files import read_provenance

Job = dict[str, Any]


@dataclass(frozen=True)
class Shard:
    """A file that a table is collected from, with the params of the job that makes it.

    ``upto`` is the last seed to take, if the file has more seeds than the table needs.
    """

    path: str
    params: dict[str, Any]
    upto: int | None = None


def cover(jobs: Iterable[Job], path: str, params: Callable[[Job], dict[str, Any]]) -> Iterator[Shard]:
    """The shards that a table is collected from, in its order.

    A network is determined by its seed, so its row does not depend on the block of seeds it was trained in. If the file
    of a job (``path``, filled in with the job) is missing, existing files with the same params and its seeds replace
    it. Fewer seeds therefore need no training, and more seeds need only that of the new ones.
    """
    for shared, group in groupby(jobs, lambda job: {key: job[key] for key in job if key not in ("first", "last")}):
        planned = list(group)
        for job in planned if _all_there(planned, path) else _others(planned, shared, path, params):
            more = "last" in job and job["last"] > planned[-1]["last"]
            yield Shard(path.format(**job), params(job), planned[-1]["last"] if more else None)


class TableShards:
    """The shards of one table, which are looked for when they are first needed.

    Args:
        jobs: the wildcards of the jobs that make the shards, in the order of the table's rows.
        rule: the rule of these jobs, of which the output's path and the params ``job_params`` are used.
    """

    def __init__(self, jobs: Iterable[Job], rule: Any) -> None:
        self.jobs, self.path, self.params = jobs, rule.output[0], rule.params.job_params

    @cached_property
    def found(self) -> list[Shard]:
        return list(cover(self.jobs, self.path, self.params))

    @property
    def files(self) -> list[str]:
        """The files, in the order of the table's rows."""
        return [shard.path for shard in self.found]

    @cached_property
    def packed(self) -> dict[str, Any]:
        """The files and the params of their jobs in a compact form."""
        return pack(self.found, str(self.path))

    @cached_property
    def rows(self) -> str:
        """A hash of the params of all rows. It does not depend on the blocks of seeds."""
        return rows_of(self.packed)


OWN = ("n_train", "first", "last")  # params in which the shards of one group differ


def pack(shards: Iterable[Shard], path: str) -> dict[str, Any]:
    """The shards as plain values, with common params stored once. ``path`` is that of ``cover``."""
    groups: dict[str, dict[str, Any]] = {}
    for shard in shards:
        shared = {key: value for key, value in shard.params.items() if key not in OWN}
        group = groups.setdefault(json.dumps(shared, sort_keys=True), {"shared": shared, "own": []})
        own = {key: shard.params[key] for key in OWN if key in shard.params}
        group["own"].append(own if shard.upto is None else {**own, "upto": shard.upto})
    return {"path": path, "groups": list(groups.values())}


def rows_of(packed: dict[str, Any]) -> str:
    """A hash of the params of all rows of packed shards, with the last seed of each sample size."""
    rows = []
    for group in packed["groups"]:
        last = {json.dumps(own.get("n_train")): own.get("upto", own.get("last")) for own in group["own"]}
        rows.append((group["shared"], list(last.items())))
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]


def unpack(packed: dict[str, Any]) -> Iterator[Shard]:
    """The shards that ``pack`` was given, ordered by group."""
    for group in packed["groups"]:
        for own in group["own"]:
            params = {**group["shared"], **{key: own[key] for key in OWN if key in own}}
            yield Shard(packed["path"].format(**params), params, own.get("upto"))


def _all_there(jobs: list[Job], path: str) -> bool:
    return "first" not in jobs[0] or all(Path(path.format(**job)).exists() for job in jobs)


def _others(planned: list[Job], shared: Job, path: str, params: Callable[[Job], dict[str, Any]]) -> Iterator[Job]:
    """Blocks of the planned seeds. Each is the longest existing one, or a new one up to the next existing one."""
    existing = [{**shared, **block} for block in _found(Path(path.format(**planned[0])).parent)]
    usable = [job for job in existing if _made_by(path.format(**job), params(job))]
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
    """Whether a file is undamaged and comes from a job with these params."""
    try:
        return bool(read_provenance(path).get("configuration") == params)
    except ValueError:
        return False
