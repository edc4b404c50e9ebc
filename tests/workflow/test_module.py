"""Another workflow uses this one as a module: from a folder or from a git repository."""

import subprocess
import sys

import pytest
import yaml

from convbias_pipeline.run import folder, start
from running import copy_repository, job_counts, small, snakemake

RENAMED = """
module convbias:
    snakefile: "{source}/workflow/Snakefile"
    config: config

use rule * from convbias as convbias_*
"""
PREFIXED = """
module convbias:
    snakefile: "git+file://{source}/workflow/Snakefile@main"
    config: config["networks"]
    prefix: "sub"

use rule * from convbias as convbias_*

use rule collect_table from convbias as convbias_collect_table with:
    threads: 1

onstart:
    print("The host starts.")
"""


def one_network():
    """The changes of a run that trains a single network and draws nothing."""
    changes = small()
    one = {**changes["linear"]["wu2019-fig2"], "models": ["conv"], "n_train": {"cls": [3]}, "seeds": 1}
    only = {section: {"*": None} for section in ("detection", "theory", "examples", "claims", "figures")}
    return {**changes, **only, "linear": {"*": None, "wu2019-fig2": one}}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The repository in git, below the folder in which a stand-in for GitHub looks for it."""
    where = copy_repository(tmp_path_factory.mktemp("hosting") / "owner" / "convbias")
    options = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "core.excludesFile=/dev/null")
    for command in (("init", "--initial-branch", "main"), ("add", "."), ("commit", "--message", "First")):
        subprocess.run(["git", *options, *command], cwd=where, check=True, capture_output=True)
    return where


def host(where, text, source, changes):
    (where / "workflow").mkdir()
    (where / "workflow/Snakefile").write_text(text.replace("{source}", str(source)))
    (where / "own.yaml").write_text(yaml.safe_dump(changes))
    return where


def test_rules_can_be_renamed(source, tmp_path):
    where = host(tmp_path, RENAMED, source, one_network())
    done = snakemake(where, "--dry-run", "--cores", 1, "--configfile", "own.yaml")
    assert done.returncode == 0, done.stdout
    jobs = {"make_dataset": 1, "train_linear": 1, "collect_table": 6, "check_claims": 1, "tabulate_times": 1, "all": 1}
    assert job_counts(done.stdout) == {f"convbias_{rule}": count for rule, count in jobs.items()} | {"total": 11}


def test_a_module_with_a_prefix_keeps_all_its_files_below_it(source, tmp_path):
    """Its jobs run in forks of one process, from a checkout of the commit. It may import a rule twice."""
    where = host(tmp_path, PREFIXED, source, {"networks": one_network(), "of_the_host": 1})
    done = snakemake(where, "--cores", 1, "--configfile", "own.yaml")
    assert done.returncode == 0, done.stdout
    assert "The host starts." in done.stdout
    assert {path.name for path in where.iterdir()} == {"workflow", "own.yaml", ".snakemake", "sub"}
    results = where / "sub/results"
    assert (results / folder.LOCK).exists() and len([*(results / folder.STATE["metadata"]).iterdir()]) > 10
    assert (where / ".snakemake/metadata").resolve() == results / folder.STATE["metadata"]
    assert "\ntrain_linear,1," in (results / "times.csv").read_text()
    (log,) = (results / "logs/train_linear").rglob("*.log")
    assert "s of CPU" in log.read_text()  # which the fork server prints
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=source, capture_output=True, text=True).stdout.strip()
    lines = (results / "environment.csv").read_text().splitlines()
    assert {f"linear,commit,{commit}", "linear,dirty,False"} <= {*lines}


@pytest.mark.parametrize("first", ["module", "host"])
def test_a_host_starts_the_module_before_its_own_onstart(first):
    calls = []

    class Workflow:
        _onstart = staticmethod(lambda log: None)

        def onstart(self, function):
            self._onstart = function

    workflow = Workflow()
    steps = {
        "module": lambda: start.start_with_host(workflow, lambda: calls.append("module")),
        "host": lambda: workflow.onstart(lambda log: calls.append(log)),
    }
    for step in sorted(steps, key=lambda step: step != first):
        steps[step]()
    workflow._onstart("host")
    assert calls == ["module", "host"]


def test_one_process_can_lock_a_folder_twice(tmp_path):
    folder.acquire_lock(tmp_path)
    folder.acquire_lock(tmp_path / ".." / tmp_path.name)
    program = (
        "import pathlib, sys; from convbias_pipeline.run import folder; folder.acquire_lock(pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert done.returncode != 0 and "Another run is writing to" in done.stderr
