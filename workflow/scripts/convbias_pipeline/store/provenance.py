"""The provenance of a file: commit, libraries, device and configuration."""

import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
LIBRARIES = ("numba", "numpy", "pyarrow", "scipy", "snakemake", "torch")


def provenance(configuration: dict[str, Any], device: str = "cpu") -> dict[str, Any]:
    """All values that are needed to compute a file again. Without the time, so the same run gives the same bytes.

    Outside a git checkout ``commit`` and ``dirty`` are None.
    """
    return {**environment(), "device": device, "configuration": configuration}


def other_job(path: str, made_by: Mapping[str, Any], expected: Mapping[str, Any]) -> str | None:
    """If another job than the expected one made a file, the params in which the two differ. Otherwise None."""
    keys = sorted({*made_by, *expected})
    differing = [key for key in keys if [key in made_by, made_by.get(key)] != [key in expected, expected.get(key)]]
    then, now = (
        ", ".join(f"{key} = {of[key]!r}" if key in of else f"no {key}" for key in differing)
        for of in (made_by, expected)
    )
    return f"{path} was computed with {then}; the configuration now has {now}" if differing else None


@cache
def environment() -> dict[str, Any]:
    """The provenance that all jobs of a run share."""
    lock = ROOT / "requirements.lock"
    changes = _git("status", "--porcelain", "--", "workflow", "requirements.lock")
    return {
        "commit": _git("rev-parse", "HEAD"),
        "dirty": None if changes is None else bool(changes),
        "lock": sha256(lock.read_bytes()).hexdigest() if lock.exists() else None,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
