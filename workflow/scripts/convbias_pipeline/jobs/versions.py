"""The versions of the libraries that jobs compute with."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

COMPUTING = (
    "altair",
    "daqp",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "scipy",
    "seaborn",
    "statsmodels",
    "torch",
)  # libraries whose version can change a result
FROM_CONDA = {"pytorch": "torch"}  # conda's other name for a library


@cache
def installed() -> dict[str, str]:
    """The versions that this Python has, of the libraries that it has. Builds for CPU and CUDA have the same one."""
    versions = {}
    for name in COMPUTING:
        try:
            versions[name] = version(name).partition("+")[0]  # torch 2.13.0+cpu
        except PackageNotFoundError:
            continue
    return versions


def pinned(environments: Path) -> dict[str, str]:
    """The versions in a folder of conda environments. All environments of this folder have the same ones."""
    versions = {}
    for file in sorted(environments.glob("*.yaml")):
        for pin in yaml.safe_load(file.read_text(encoding="utf-8"))["dependencies"]:
            name, _, fixed = pin.partition("=")
            if (name := FROM_CONDA.get(name, name)) in COMPUTING:
                versions[name] = fixed
    return versions
