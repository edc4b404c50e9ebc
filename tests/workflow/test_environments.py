"""A bare Snakemake plans a run and, with --sdm conda, runs it: each environment has what its jobs import."""

import os

import pytest
import yaml

import environments
from environments import RULES, imported, pins
from running import ROOT, changes, copy_repository, job_counts, small, snakemake

ENVIRONMENTS = sorted(path.stem for path in (ROOT / "envs").glob("*.yaml"))
# Modules that jobs load by name, with the environment of their rule
PLUGINS = {
    "claims": ["papers/*/claims"],
    "plot": ["papers/*/figures", "figures"],
    "train": ["linear", "linear/*", "detection/*", "papers/*/checks"],
}


def one_job_of_each_rule():
    """The changes of a run in which every script runs, but few of them twice."""
    config = small()
    config["seeds_per_job"] = 6
    config["linear"] = {"*": None, "wu2019-fig5": {**config["linear"]["wu2019-fig5"], "n_train": {"cls": [3]}}}
    config["detection"] = {"*": None, "brutzkus2021-fig3c": changes()["detection"]["brutzkus2021-fig3c"]}
    return config


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with --sdm conda by a Python with Snakemake and nothing else: its folder, and the output of its dry run."""
    folder = tmp_path_factory.mktemp("environments")
    where = copy_repository(folder / "repository")
    (where / "imports").mkdir()
    (where / "one.yaml").write_text(yaml.safe_dump(one_job_of_each_rule()))
    bare = environments.make_environment(folder / "bare", ["snakemake"])
    command = ("--cores", 2, "--configfile", "one.yaml", "--sdm", "conda")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", f"{environments.make_conda(folder / 'conda')}{os.pathsep}{os.environ['PATH']}")
        patched.setenv(environments.IMPORTS, str(where / "imports"))
        patched.delenv("PYTHONPATH", raising=False)
        dry = snakemake(where, "--dry-run", *command, python=bare)
        assert dry.returncode == 0, dry.stdout
        done = snakemake(where, *command, python=bare)
    assert done.returncode == 0, done.stdout
    return where, dry.stdout


@pytest.fixture(scope="module")
def found(run):
    """The packages that each script imported."""
    packages = imported(run[0] / "imports")
    assert packages.keys() == {script for script, _ in RULES} - {"mnist"}
    return packages | {"mnist": {"pooch", "tqdm"}}  # a download is not part of the run


@pytest.fixture(scope="module")
def loaded(run):
    """The packages that importing all plugins of an environment takes."""
    return {
        env: environments.imports_of_plugins(environments.environment_of(run[0], env), folders)
        for env, folders in PLUGINS.items()
    }


def test_the_host_needs_nothing_but_snakemake(run):
    """The params of its jobs are those of this environment, which has all libraries in the same versions."""
    where, dry = run
    assert "will be created" in dry and job_counts(dry)["train_linear"] > 0
    triggers = ("--rerun-triggers", "mtime", "params", "input")  # the fourth of the profile is the environment itself
    again = snakemake(where, "--dry-run", "--cores", 2, "--configfile", "one.yaml", *triggers)
    assert "Nothing to be done" in again.stdout, again.stdout


def test_every_script_runs_in_an_environment():
    scripts = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}
    assert sorted(script for script, _ in RULES) == sorted(scripts)
    assert {env for _, env in RULES} == set(ENVIRONMENTS)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_environment_pins_the_versions_of_the_lock(env):
    lock = (line.split("==") for line in (ROOT / "requirements.lock").read_text().split() if "==" in line)
    lock = {name.lower(): version for name, version in lock}
    assert pins(env) == {name: lock[name] for name in pins(env)}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_environment_has_nothing_that_no_job_imports(env, found, loaded):
    """The fixtures show that it lacks nothing: there, jobs and plugins see their environments and Snakemake's."""
    needed = set().union(*(found[script] for script, used in RULES if used == env), loaded.get(env, ()))
    assert pins(env).keys() <= needed
