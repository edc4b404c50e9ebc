"""The files of a public project agree with one another, with pyproject.toml and with the Makefile."""

import re
import tomllib

import yaml

from running import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE, README, CHANGES, RERUNS, TROUBLE = (
    (ROOT / name).read_text() for name in ("Makefile", "README.md", "CHANGELOG.md", "docs/reruns.md", "docs/trouble.md")
)


def parsed(name):
    return yaml.safe_load((ROOT / name).read_text())


def test_the_versions_of_the_project_agree():
    assert parsed("CITATION.cff")["version"] == PROJECT["version"]
    assert re.findall(r"^## (\S+)", CHANGES, re.MULTILINE)[:1] == [PROJECT["version"]]
    assert re.findall(r"version = \{(.*?)\}", README) == [PROJECT["version"]]


def test_the_change_log_has_the_digests_of_the_main_run():
    assert place(CHANGES, "digests") == place(RERUNS, "digests")


def place(text, name):
    (found,) = re.findall(rf"<!-- {name} -->\n(.*)<!-- /{name} -->", text, re.DOTALL)
    return found


def test_the_versions_of_python_agree():
    (first, end) = map(int, re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups())
    versions = [f"3.{minor}" for minor in range(first, end)]
    classifiers = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert (
        classifiers
        == parsed(".github/workflows/check.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
        == versions
    )
    assert f"(3, {first}) <= sys.version_info < (3, {end})" in MAKEFILE
    assert re.findall(r"python(3\.\d+)", re.search(r"for one in (.*?);", MAKEFILE)[1]) == versions[::-1]
    for text in (MAKEFILE, TROUBLE):
        assert f"needs Python {versions[0]} to {versions[-1]}" in text
    assert f"You need Python {versions[0]} to {versions[-1]}" in README


def test_every_version_of_python_runs_continuous_integration():
    check = parsed(".github/workflows/check.yml")["jobs"]["check"]
    assert check["env"]["PYTHON"] == "python${{ matrix.python }}"
    assert check["steps"][-2:] == [{"run": ".ci/run"}, {"run": "make test-slurm"}]
    assert "\nPYTHON ?=" in MAKEFILE  # so that the variable decides


def test_the_issue_form_requires_the_provenance():
    fields = {field["id"]: field for field in parsed(".github/ISSUE_TEMPLATE/problem.yml")["body"]}
    assert fields["provenance"]["validations"] == {"required": True}
    assert "results/environment.csv" in fields["provenance"]["attributes"]["description"]


def test_the_hook_runs_targets_of_the_makefile():
    (hook,) = (hook for repository in parsed(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"])
    command, *targets = hook["entry"].split()
    assert command == "make" and len(targets) == 3
    assert all(re.search(rf"^{target}:", MAKEFILE, re.MULTILINE) for target in targets)
