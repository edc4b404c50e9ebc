"""The provenance of a file: commit, libraries, device and configuration."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
ARCHIVED = ".git_archival.txt"  # `git archive`, which also makes the ZIP files of hosts, writes the commit into it
UNKNOWN = "unknown"
LIBRARIES = ("numba", "numpy", "pyarrow", "scipy", "snakemake", "torch")


def provenance(configuration: dict[str, Any], device: str = "cpu") -> dict[str, Any]:
    """All values that are needed to compute a file again. Without the time, so the same run gives the same bytes.

    If the commit is not known, ``commit`` is ``unknown``, and so is ``dirty``.
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
    return {
        **version_of(ROOT),
        "lock": sha256(lock.read_bytes()).hexdigest() if lock.exists() else UNKNOWN,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def version_of(root: Path) -> dict[str, str | bool]:
    """The commit of a checkout, and whether code that computes differs from it (``dirty``).

    An unpacked `git archive` has a commit, but whether its files were changed is unknown.
    """
    if commit := git(root, "rev-parse", "HEAD"):
        changes = git(root, "status", "--porcelain", "--", "workflow", "requirements.lock")
        return {"commit": commit, "dirty": UNKNOWN if changes is None else bool(changes)}
    archived = root / ARCHIVED
    found = (
        re.search(r"^node: ([0-9a-f]{40,64})$", archived.read_text(encoding="utf-8"), re.MULTILINE)
        if archived.exists()
        else None
    )
    return {"commit": found[1] if found else UNKNOWN, "dirty": UNKNOWN}


def git(root: Path, *arguments: str) -> str | None:
    """The output of git in a checkout, or None if there is none. A repository that contains the folder is none.

    Git refuses to read a checkout of another user, whose settings may start programs. We run its code anyway.
    """
    variables = {name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_WORK_TREE")}
    variables["GIT_CEILING_DIRECTORIES"] = str(root.resolve().parent)
    command: list[str | Path] = ["git", "-c", f"safe.directory={root.resolve()}", "-C", root, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=variables)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
