"""Array shapes are checked at run time while the tests run, and only then."""

import fcntl
import importlib
import os
import re

import numpy as np
import pytest
import torch
import yaml
from jaxtyping import install_import_hook

import convbias.linear.rounding  # noqa: F401 (numba compiles its functions, but not the wrappers of the type checker)
from running import ROOT, copy_repository, run_small, small, smoke

CORE = ROOT / "workflow/scripts/convbias"
SYSTEMS = ("*.py", "linear/**/*.py", "detection/**/*.py", "papers/*/theory/*.py", "papers/*/checks/*.py")


def import_all(*patterns):
    for file in sorted({file for pattern in patterns for file in CORE.glob(pattern)}):
        module = ".".join(file.relative_to(CORE.parent).with_suffix("").parts)
        importlib.import_module(module.removesuffix(".__init__"))


with install_import_hook("convbias", "beartype.beartype"):
    import_all(*SYSTEMS)
with install_import_hook("convbias", "typecheck.check"):  # statistics, claims and figures take any kind of number
    import_all("**/*.py")

torch.set_num_threads(1)


@pytest.fixture
def rng():
    return np.random.default_rng(20190416)


def shared(tmp_path_factory, name, make):
    """A folder that all test processes share: the first one that needs it makes it, and the others wait for it."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    with open(root / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / f"{name}.done").exists():
            make(root / name)
            (root / f"{name}.done").touch()
    return root / name


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the repository in which the smoke preset has run. Tests change copies of it."""

    def make(where):
        done = smoke(copy_repository(where), "--cores", 2)
        assert done.returncode == 0, done.stdout
        assert re.search(
            r"- Of \d+ claims of wu2019, (.*\n)+Finished in \d+ min \d+ s. Open /.*/results/index.html\n", done.stdout
        )
        assert len(done.stdout.partition("Write all figures and verdicts to")[2].splitlines()) < 40
        assert "Digit detection used the bundled 8x8 digits. For MNIST: snakemake mnist" in done.stdout

    return shared(tmp_path_factory, "finished", make)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The same for a few parts of the smoke preset in many short jobs, in a locale without Unicode."""

    def make(where):
        (copy_repository(where) / "small.yaml").write_text(f"# n ≥ 3\n{yaml.safe_dump(small())}", encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
                patch.setenv(name, value)
            done = run_small(where)
        assert done.returncode == 0 and "MNIST" not in done.stdout, done.stdout

    return shared(tmp_path_factory, "undisturbed", make)
