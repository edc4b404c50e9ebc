"""The environments of --sdm conda have the lock's versions of all that their jobs import, and nothing else."""

import pytest

from environments import RULES, imported, pins
from running import ROOT

ENVIRONMENTS = sorted(path.stem for path in (ROOT / "envs").glob("*.yaml"))


def test_every_script_runs_in_an_environment():
    scripts = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")} - {"sitecustomize"}
    assert sorted(script for script, _ in RULES) == sorted(scripts)
    assert {env for _, env in RULES} == set(ENVIRONMENTS)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_environment_pins_the_versions_of_the_lock(env):
    lock = (line.split("==") for line in (ROOT / "requirements.lock").read_text().split() if "==" in line)
    lock = {name.lower(): version for name, version in lock}
    assert pins(env) == {name: lock[name] for name in pins(env)}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_an_environment_has_nothing_that_no_job_imports(env, finished):
    """That it lacks nothing is seen by ``finished``, whose jobs see their environments alone."""
    found = imported(finished / "imports") | {"mnist": {"pooch", "tqdm"}}  # a download is not part of the preset
    needed = set().union(*(found[script] for script, used in RULES if used == env))
    assert pins(env).keys() <= needed
