"""The installed package: what the wheel contains and requires, and the page docs/python.md with nothing else around."""

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from email import message_from_bytes
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from packaging.requirements import Requirement

import convbias
import environments
from running import ROOT

CORE = ROOT / "workflow/scripts/convbias"
PAGE = (ROOT / "docs/python.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MORE = r"convbias(\.papers\.\w+)?\.(claims|figures)\b"  # what needs the extra "workflow", as the page says
# A Python that finds the standard library, the wheel and the installed libraries, but no checkout (-S: no .pth files).
PROGRAM = """
import importlib, pkgutil, re, sys

class Hider:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(name + " is not required", name=name)

sys.meta_path.insert(0, Hider())
sys.path[:0], sys.path[len(sys.path):] = [{wheel!r}], [{libraries!r}]
import convbias
for _, name, _ in pkgutil.walk_packages(convbias.__path__, "convbias.", onerror=lambda name: None):
    if not re.match({more!r}, name):
        importlib.import_module(name)
assert "seaborn" not in sys.modules and "matplotlib" not in sys.modules
assert convbias.__path__ == [{wheel!r} + "/convbias"]
print(convbias.__version__)
{code}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built in a copy of the sources. The build writes folders beside them."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        CORE.parent, source / "workflow/scripts", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    build = f"import os, setuptools.build_meta as b; os.chdir({str(source)!r}); b.build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], check=True, capture_output=True)
    (built,) = source.glob("*.whl")
    with ZipFile(built) as archive:
        yield archive


def test_the_wheel_contains_all_files_of_the_core_and_nothing_else(wheel):
    expected = {str(file.relative_to(CORE.parent)) for file in CORE.rglob("*") if file.is_file()}
    expected = {name for name in expected if "__pycache__" not in name}
    found = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert found == expected
    assert "convbias/py.typed" in found


def test_the_wheel_requires_the_core_libraries_alone_and_the_rest_as_extras(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    about = message_from_bytes(wheel.read(name))
    assert about["Version"] == PROJECT["version"]
    required = [line for line in about.get_all("Requires-Dist") if "extra ==" not in line]
    assert {*map(Requirement, required)} == {*map(Requirement, PROJECT["dependencies"])}
    assert {"workflow", "dev"} <= {*about.get_all("Provides-Extra")}
    assert about["Author"] == "The convbias authors" and about["License-Expression"] == "MIT"


def test_code_of_the_page_runs_with_the_wheel_and_prints_the_shown_output(wheel, tmp_path):
    """Only the packages of the page's command are visible. All modules but claims and figures are imported first."""
    wheel.extractall(tmp_path / "wheel")
    (named,) = re.findall(r"^pip install \. (.+)$", PAGE, re.MULTILINE)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    program = PROGRAM.format(
        hidden=environments.others(["convbias", *named.split()]),
        wheel=str(tmp_path / "wheel"),
        libraries=str(Path(np.__file__).parents[1]),
        more=MORE,
        code=code + "\nassert len(runs) == 4000",
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", program],
        cwd=tmp_path,
        env={"MPLBACKEND": "agg", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (shown,) = re.findall(r"```\n(model.*?)```", PAGE, re.DOTALL)
    version, *printed = (line.split() for line in done.stdout.splitlines())
    assert version == [PROJECT["version"]]
    assert [line.split() for line in shown.strip().splitlines()] == printed[:3]
    assert (tmp_path / "cls.png").stat().st_size > 10_000
    for module in re.findall(r"^\| `(convbias[.a-z_0-9]+)`", PAGE, re.MULTILINE):
        assert importlib.util.find_spec(module) and not re.match(MORE, module)


def test_a_checkout_that_is_not_installed_has_an_unknown_version(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    names = {}
    exec((CORE / "__init__.py").read_text(), names)
    assert names["__version__"] == "unknown" and convbias.__version__ == PROJECT["version"]


def test_every_dependency_has_a_reason_and_none_has_the_gpl():
    page = (ROOT / "docs/dependencies.md").read_text().partition("## Removed")[0]
    cells = [cell for row in re.findall(r"^\| (.*) \|$", page, re.MULTILINE) for cell in row.split(" | ")[:2]]
    listed = {word for cell in cells for word in cell.split(", ")}
    extras = PROJECT["optional-dependencies"]
    named = {name: {Requirement(line).name for line in extras[name]} for name in extras}
    libraries = {Requirement(line).name for line in PROJECT["dependencies"]}
    alone = set().union(libraries, *named.values()) - {"convbias", "numpy"}
    assert alone <= listed, alone - listed
    for name in environments.closure(libraries) | named["workflow"]:
        with suppress(PackageNotFoundError):  # it is for another platform
            found = metadata(name)
            licences = [found["License"], found["License-Expression"], *(found.get_all("Classifier") or ())]
            assert not re.search(r"(?<!L)GPL|General Public", " ".join(filter(None, licences))[:2000]), name
