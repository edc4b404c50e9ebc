"""The folder of the results. It holds Snakemake's provenance records, and only one run at a time may write to it."""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Folders of Snakemake's state, and their names in the results
STATE = {"incomplete": "incomplete", "metadata": "records"}
LOCK = ".lock"
RUN = "CONVBIAS_RUN"  # the environment variable that names the run of a job
_locked: set[Path] = set()  # by this process


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
    """Move Snakemake's provenance records and its marks of unfinished files to the results, and leave links there.

    Both then move with the results, for example to a fresh clone. Removing ``state`` does not delete them.

    Raises:
        FolderError: the folder cannot be created.
    """
    try:
        for place, home in ((state / theirs, results / ours) for theirs, ours in STATE.items()):
            if not (place.is_symlink() and place.exists()):
                home.mkdir(parents=True, exist_ok=True)
                state.mkdir(exist_ok=True)
                _move(place, home)
    except OSError as problem:
        raise not_writable(results, problem) from None


def _move(place: Path, home: Path) -> None:
    """Move the files of a folder to another one, and make the first a link to it."""
    if place.is_dir() and not place.is_symlink():
        shutil.copytree(place, home, dirs_exist_ok=True)
        shutil.rmtree(place)
    link = place.with_name(f"{place.name}.{os.getpid()}")  # its move is atomic, so several first runs may start at once
    link.symlink_to(os.path.relpath(home.resolve(), place.parent.resolve()))
    link.replace(place)


def acquire_lock(results: Path) -> None:
    """Keep other runs from writing to this folder until this process ends. Name this run in the lock, for its jobs.

    The folder is created if it does not exist.

    A process that replaces a file holds the lock, too, so it is shared. A run begins only if nobody holds it.

    A workflow that imports rules of this one in several steps calls this several times.

    Raises:
        FolderError: the folder cannot be written to, or another run is writing to it.
    """
    if results.resolve() in _locked:
        return
    try:
        results.mkdir(parents=True, exist_ok=True)
        file = os.open(results / LOCK, os.O_RDWR | os.O_CREAT)  # stays open: the lock ends with the process
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _locked:  # a workflow that uses this one twice is one run with two folders
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
        raise not_writable(results, problem) from None
    _locked.add(results.resolve())


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
        if Path(folder) not in [results / name for name in STATE.values()] and path.exists()
    }
    ranks = {moment: rank for rank, moment in enumerate(sorted({moment for moment in times.values() if moment > now}))}
    for path, moment in times.items():
        try:
            if moment in ranks:
                os.utime(path, ns=(now + ranks[moment],) * 2)
        except OSError as problem:
            raise not_writable(path, problem) from None


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


def of_log(log: Path) -> Path:
    """The folder of the results that a job's log is in: the nearest one with a lock."""
    return next((place for place in log.parents if (place / LOCK).exists()), Path("results"))


def not_writable(results: Path, problem: OSError) -> FolderError:
    """The error that tells why the results cannot be written to."""
    reason = f"{results} cannot be written to ({problem.strerror})"
    return FolderError(f"{reason}. Free some space or change its permissions, and run again.")
