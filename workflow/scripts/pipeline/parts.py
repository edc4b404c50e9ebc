"""Which files hold the rows of a table: those that its jobs would make, or others that are there and hold the same."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.files import read_table

Job = dict[str, Any]


def cover(
    jobs: Iterable[Job], path: str, spec: Callable[[Job], dict[str, Any]]
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """The files that a table is collected from, in its order, each with the spec of the job that makes it.

    A network is its seed, so a row is the same in whatever block of seeds it was trained. Where the file of a job
    (``path``, filled in with the job) is not there, others that hold its seeds, made by the same code with the same
    settings, take its place: fewer seeds train nothing, and more seeds only those that are new.

    Returns:
        The files with their specs, and the last seed to take of those that hold more than the table wants.
    """
    files, last = {}, {}
    for shared, group in groupby(jobs, lambda job: {key: job[key] for key in job if key not in ("first", "last")}):
        planned = list(group)
        for job in planned if _all_there(planned, path) else _others(planned, shared, path, spec):
            files[path.format(**job)] = spec(job)
            if "last" in job and job["last"] > planned[-1]["last"]:
                last[path.format(**job)] = planned[-1]["last"]
    return files, last


def _all_there(jobs: list[Job], path: str) -> bool:
    return "first" not in jobs[0] or all(Path(path.format(**job)).exists() for job in jobs)


def _others(planned: list[Job], shared: Job, path: str, spec: Callable[[Job], dict[str, Any]]) -> Iterator[Job]:
    """Blocks of the planned seeds: from each seed on the longest that is there, else a new one up to the next."""
    there = [{**shared, **block} for block in _found(Path(path.format(**planned[0])).parent)]
    usable = [job for job in there if _made_by(path.format(**job), spec(job))]
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


def _made_by(path: str, spec: dict[str, Any]) -> bool:
    """Whether a file is whole and comes from a job with this spec."""
    try:
        return bool(read_table(path)[1].get("configuration") == spec)
    except ValueError:
        return False
