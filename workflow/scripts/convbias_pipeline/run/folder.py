"""The folder of the results. It holds Snakemake's provenance records, and only one run at a time may write to it."""

import fcntl
import os
import shutil
from pathlib import Path

RECORDS, LOCK = "records", ".lock"


class FolderError(OSError):
    """The folder cannot be written to, or another run is writing to it."""


def check_name(checkout: Path) -> None:
    """Check that Snakemake can run scripts from this checkout.

    Raises:
        FolderError: its path has braces.
    """
    if set("{}") & set(str(checkout)):
        raise FolderError(
            f"The path of this checkout, {checkout}, has braces, which Snakemake reads as wildcards. Rename the folder."
        )


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
    """Keep other runs from writing to this folder until this process ends.

    Raises:
        FolderError: the folder cannot be written to, or another run is writing to it.
    """
    try:
        file = os.open(results / LOCK, os.O_WRONLY | os.O_CREAT)  # stays open: the lock ends with the process
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise FolderError(
            f"Another run is writing to {results.resolve()}. Wait until it ends, or run in another folder "
            "(snakemake --directory FOLDER)."
        ) from None
    except OSError as problem:
        raise _not_writable(results, problem) from None


def _not_writable(results: Path, problem: OSError) -> FolderError:
    reason = f"{results} cannot be written to ({problem.strerror})"
    return FolderError(f"{reason}. Free some space or change its permissions, and run again.")
