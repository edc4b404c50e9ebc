"""The folder of the results: Snakemake's records of what made them lie in it, and one run at a time writes to it."""

import fcntl
import os
import shutil
from pathlib import Path

RECORDS, LOCK = "records", ".lock"


class FolderError(OSError):
    """Nothing can be written to the folder, or another run is writing to it."""


def keep_records(results: Path, state: Path) -> None:
    """Have Snakemake's records of what made each file, in ``state/metadata``, lie in the folder of the results.

    Results that are copied into a fresh clone bring them along, and removing ``state`` forgets none of them.

    Raises:
        FolderError: the folder cannot be made.
    """
    records, place = results / RECORDS, state / "metadata"
    if place.is_symlink() and place.exists():
        return
    try:
        records.mkdir(parents=True, exist_ok=True)
        state.mkdir(exist_ok=True)
        (state / "incomplete").mkdir(exist_ok=True)  # or Snakemake takes this for the layout of an old version
        if place.is_dir() and not place.is_symlink():
            shutil.copytree(place, records, dirs_exist_ok=True)
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.symlink_to(os.path.relpath(records, state))
    except OSError as problem:
        raise FolderError(f"{results} cannot be written to ({problem.strerror})") from None


def acquire_lock(results: Path) -> None:
    """Keep other runs from writing to this folder as long as this process lives, however it ends.

    Raises:
        FolderError: nothing can be written there, or another run is writing.
    """
    try:
        file = os.open(results / LOCK, os.O_WRONLY | os.O_CREAT)  # closed, and so let go, when the process ends
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise FolderError(
            f"Another run is writing to {results.resolve()}. Wait until it ends, or run in another folder "
            "(snakemake --directory FOLDER)."
        ) from None
    except OSError as problem:
        raise FolderError(f"{results} cannot be written to ({problem.strerror})") from None
