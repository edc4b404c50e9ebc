"""Another workflow uses this one as a module: from a folder, from a git repository, or as snakedeploy writes it."""

import shutil
import subprocess
import sys

import pytest
import yaml

from convbias_pipeline.run import folder, start
from running import ROOT, copy_repository, job_counts, loaded, small, snakemake

# What snakedeploy 0.17 writes for a branch of a repository on GitHub, but for a space at the end of a line
DEPLOYED = """
from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


# declare https://github.com/owner/convbias as a module
module convbias:
    snakefile:
        github("owner/convbias", path="workflow/Snakefile", branch="main")
    config:
        config


# use all rules from https://github.com/owner/convbias
use rule * from convbias
"""
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
LINEAR = ("--", "results/tables/linear.parquet")


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
    jobs = {
        "make_dataset": 1,
        "train_linear": 1,
        "collect_table": 6,
        "check_claims": 1,
        "tabulate_times": 1,
        "write_page": 1,
        "plot_explorer": 1,
        "all": 1,
    }
    assert job_counts(done.stdout) == {f"convbias_{rule}": count for rule, count in jobs.items()} | {"total": 13}


def test_the_deploy_tool_gives_a_folder_that_runs(source, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{source.parents[1]}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    where = host(tmp_path, DEPLOYED, source, one_network())
    for part in ("config", "profiles"):
        shutil.copytree(source / part, where / part)
    done = snakemake(where, "--dry-run", "--cores", 1, "--configfile", "own.yaml", *LINEAR)
    assert done.returncode == 0, done.stdout
    assert "Using workflow specific profile profiles/default" in done.stdout
    assert job_counts(done.stdout) == {"make_dataset": 1, "train_linear": 1, "collect_table": 1, "total": 3}
    checkouts = list((where / ".snakemake/convbias").iterdir())
    assert [(each / "requirements.lock").exists() for each in checkouts] == [True]


def test_the_configuration_of_the_deploy_tool_changes_nothing():
    assert loaded(yaml.safe_load((ROOT / "config/config.yaml").read_text())) == loaded({})


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


def test_the_workflow_catalog_finds_what_it_reads():
    """Its script wants these files, and `report` in another place than its documentation."""
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage.keys() == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"].keys() == {"desc", "flags"}
    assert usage["report"] is usage["software-stack-deployment"]["report"] is True
    assert usage["software-stack-deployment"]["conda"] is True and [*(ROOT / "envs").glob("*.yaml")]
    assert (ROOT / "workflow/Snakefile").exists() and (ROOT / "config/README.md").exists()
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme and "workflow" in readme
