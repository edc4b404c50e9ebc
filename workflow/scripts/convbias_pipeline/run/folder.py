"""The folder of the results. It holds Snakemake's provenance records, and only one run at a time may write to it."""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECORDS, LOCK = "records", ".lock"
RUN = "CONVBIAS_RUN"  # the environment variable that names the run of a job


class FolderError(RuntimeError):
    """The folder cannot be written to, or another run is writing to it."""


def check_name(checkout: Path) -> None:
    """Check that Snakemake can run scripts from this checkout.

    Raises:
        FolderError: its path has braces, or the character that separates the folders in ``PYTHONPATH``.
    """
    reasons = {"{": "Snakemake reads as a wildcard", "}": "Snakemake reads as a wildcard"}
    reasons[os.pathsep] = "separates folders in PYTHONPATH"
    if found := [f'"{one}", which {reason}' for one, reason in reasons.items() if one in str(checkout)]:
        raise FolderError(f"The path of this checkout, {checkout}, has {', and '.join(found)}. Rename the folder.")


def keep_records(results: Path, state: Path) -> None:
    """Move Snakemake's provenance records from ``state/metadata`` to the results, and leave a link there.

    The records then move with the results, for example to a fresh clone. Removing ``state`` does not delete them.

    Raises:
        FolderError: the folder cannot be created.
    """
    records, place = results / RECORDS, state / "metadata"
    if place.is_symlink() and place.exists():
        return
    try:
        records.mkdir(parents=True, exist_ok=True)
        state.mkdir(exist_ok=True)
        (state / "incomplete").mkdir(exist_ok=True)  # without it, Snakemake assumes the layout of an old version
        if place.is_dir() and not place.is_symlink():
            shutil.copytree(place, records, dirs_exist_ok=True)
            shutil.rmtree(place)
        link = state / f"metadata.{os.getpid()}"  # its move is atomic, so several first runs may start at once
        link.symlink_to(os.path.relpath(records.resolve(), state.resolve()))
        link.replace(place)
    except OSError as problem:
        raise _not_writable(results, problem) from None


def acquire_lock(results: Path) -> None:
    """Keep other runs from writing to this folder until this process ends. Name this run in the lock, for its jobs.

    A process that replaces a file holds the lock, too, so it is shared. A run begins only if nobody holds it.

    Raises:
        FolderError: the folder cannot be written to, or another run is writing to it.
    """
    try:
        file = os.open(results / LOCK, os.O_RDWR | os.O_CREAT)  # stays open: the lock ends with the process
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.environ[RUN] = secrets.token_hex(8)
        os.pwrite(file, os.environ[RUN].encode(), 0)
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise FolderError(
            f"Another run is writing to {results.resolve()}. Wait until it ends, or run in another folder "
            "(snakemake --directory FOLDER). A job of a run that was killed counts, too."
        ) from None
    except OSError as problem:
        raise _not_writable(results, problem) from None


def correct_future_times(results: Path) -> None:
    """Give the files that are dated in the future the present time, in their order.

    Snakemake fails if a job's output is older than its input, and it would take an output that is dated in the future
    for newer than an input that a job has just made.

    Raises:
        FolderError: the time of a file cannot be changed.
    """
    now = time.time_ns()
    times = {
        path: path.stat().st_mtime_ns
        for folder, _, names in os.walk(results)
        for path in (Path(folder, name) for name in names)
        if folder != str(results / RECORDS) and path.exists()
    }
    ranks = {moment: rank for rank, moment in enumerate(sorted({moment for moment in times.values() if moment > now}))}
    for path, moment in times.items():
        try:
            if moment in ranks:
                os.utime(path, ns=(now + ranks[moment],) * 2)
        except OSError as problem:
            raise _not_writable(path, problem) from None


@contextmanager
def current_run(results: Path) -> Iterator[None]:
    """Keep other runs from beginning, if the run of this job is still the last one that began.

    A job can outlive its run, for example after ``kill -9``, or in the queue of a cluster.

    Raises:
        FolderError: another run has begun, or the results are gone.
    """
    if RUN not in os.environ:  # no run of this workflow: it is a module of another one
        yield
        return
    try:
        lock = open(results / LOCK, "rb")  # noqa: SIM115 (closed below, which ends the lock)
    except FileNotFoundError:
        raise FolderError(f"Nothing was written: {results.resolve()} was removed after this job had begun.") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if lock.read().decode() != os.environ[RUN]:
            raise FolderError(
                f"Nothing was written: another run in {results.resolve()} began after the run of this job."
            )
        yield


def _not_writable(results: Path, problem: OSError) -> FolderError:
    reason = f"{results} cannot be written to ({problem.strerror})"
    return FolderError(f"{reason}. Free some space or change its permissions, and run again.")
