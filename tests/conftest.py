"""Array shapes are checked at run time while the tests run, and only then."""

import importlib

import numpy as np
import pytest
import torch
import yaml
from jaxtyping import install_import_hook

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Have one process run the tests that share a finished run, so that it is made once."""
    for item in items:
        for shared in {"finished", "undisturbed"} & {*item.fixturenames}:
            item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture
def rng():
    return np.random.default_rng(20190416)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the repository in which the smoke preset has run; tests change copies of it."""
    where = copy_repository(tmp_path_factory.mktemp("finished") / "repository")
    done = smoke(where, "--cores", 2)
    assert done.returncode == 0, done.stdout
    assert "The figures are in results/figures and the tables in results/tables." in done.stdout
    assert "Digit detection used the bundled 8x8 digits. For MNIST: snakemake mnist" in done.stdout
    return where


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The same with a few parts of the smoke preset, in many short jobs."""
    where = copy_repository(tmp_path_factory.mktemp("undisturbed") / "repository")
    (where / "small.yaml").write_text(yaml.safe_dump(small()))
    done = run_small(where)
    assert done.returncode == 0 and "MNIST" not in done.stdout, done.stdout
    return where
