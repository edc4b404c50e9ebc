"""The environments of --sdm conda: each has the lock's versions of all that its jobs import, and nothing else."""

import pytest
import yaml

import environments
from environments import RULES, imported, pins
from running import ROOT, changes, copy_repository, small, snakemake

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
def found(tmp_path_factory):
    """The packages that each script imported in a run in which jobs saw nothing but their environment."""
    where = copy_repository(tmp_path_factory.mktemp("environments") / "repository")
    (imports := where / "imports").mkdir()
    environments.write_hook(where, imports)
    (where / "one.yaml").write_text(yaml.safe_dump(one_job_of_each_rule()))
    done = snakemake(where, "--cores", 2, "--configfile", "one.yaml")
    assert done.returncode == 0, done.stdout
    packages = imported(imports)
    assert packages.keys() == {script for script, _ in RULES} - {"mnist"}
    return packages | {"mnist": {"pooch", "tqdm"}}  # a download is not part of the run


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The packages that importing all plugins of an environment takes, when nothing else can be imported."""
    folder = tmp_path_factory.mktemp("plugins")
    return {env: environments.imports_of_plugins(env, folders, folder) for env, folders in PLUGINS.items()}


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
    """The fixtures show that it lacks nothing: there, jobs and plugins see their environments alone."""
    needed = set().union(*(found[script] for script, used in RULES if used == env), loaded.get(env, ()))
    assert pins(env).keys() <= needed
