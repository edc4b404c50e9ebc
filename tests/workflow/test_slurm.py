"""The SLURM and generic profiles on a real SLURM with two simulated GPUs."""

import re
import shutil
import subprocess
import sys
import threading
import time

import pytest

import slurm
from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import read_table
from running import copy_repository

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(slurm.lacking() is not None, reason=str(slurm.lacking()))]

SHARDS = "results/runs/wu2019-fig2/cls/conv/hinge"
# The profile is used as it is, except for how and when the plugin queries the state of a job.
SQUEUE = ("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1")
# Every Python of a job runs this: the first training job hangs until it is killed.
HANGING = """
import pathlib, sys, time
marker = pathlib.Path(__file__).parents[1] / "hung"
if ".train_linear.py" in "".join(sys.argv[:1]) and not marker.exists():
    marker.touch()
    time.sleep(3600)
"""


def write_hanging(folder):
    """A folder for PYTHONPATH that makes one job hang, which then leaves a file ``hung`` next to the folder."""
    (hook := folder / "hook").mkdir()
    (hook / "sitecustomize.py").write_text(HANGING)
    return hook


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with slurm.cluster(tmp_path_factory.mktemp("slurm") / "cluster") as environment:
        yield environment


def run(where, environment, profile, *arguments, config="tests/config.yaml"):
    command = [sys.executable, "-m", "snakemake", "--profile", f"profiles/{profile}", "--configfile", config]
    return subprocess.run(
        [*command, "--seconds-between-status-checks", "1", "--latency-wait", "10", *arguments],
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
    )


class Watch(threading.Thread):
    """Polls which devices the running GPU jobs have."""

    def __init__(self, environment):
        super().__init__()
        self.environment, self.seen, self.over = environment, [], threading.Event()

    def run(self):
        while not self.over.wait(0.3):
            show = ["scontrol", "--details", "--oneliner", "show", "job"]
            jobs = subprocess.run(show, env=self.environment, capture_output=True, text=True, check=False).stdout
            running = [line for line in jobs.splitlines() if "JobState=RUNNING" in line]
            self.seen.append(re.findall(r"GRES=gpu:1\(IDX:(\d)\)", "\n".join(running)))

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def __enter__(self):
        self.start()
        return self


def test_a_run_through_the_profile_gives_the_rows_of_a_local_run(cluster, undisturbed, tmp_path):
    """Two GPUs for 14 jobs that request one; one job hangs until its time limit."""
    where = copy_repository(tmp_path / "repository")
    shutil.copy(undisturbed / "small.yaml", where)
    with Watch(cluster) as watch:
        done = run(
            where,
            cluster | {"PYTHONPATH": str(write_hanging(tmp_path))},
            "slurm",
            *SQUEUE,
            *("--config", "device=auto", "--default-resources", "runtime=attempt"),
            config="small.yaml",
        )
    assert done.returncode == 0, done.stdout
    assert all(len(set(devices)) == len(devices) <= 2 for devices in watch.seen)
    assert max(map(len, watch.seen)) == 2 and set().union(*watch.seen) == {"0", "1"}

    assert (tmp_path / "hung").exists() and "TIMEOUT" in done.stdout and "Trying to restart job" in done.stdout

    tables = sorted(path.name for path in (undisturbed / "results/tables").glob("*.parquet"))
    assert tables == sorted(path.name for path in (where / "results/tables").glob("*.parquet")) and len(tables) == 7
    for name in tables:
        here, there = (rows_digest(read_table(str(at / "results/tables" / name))[0]) for at in (where, undisturbed))
        assert here == there, name
    figures = {path.name for path in (undisturbed / "results/figures").iterdir()}
    assert figures == {path.name for path in (where / "results/figures").iterdir()}


def test_a_job_that_fails_is_reported_with_its_log(cluster, tmp_path):
    where = copy_repository(tmp_path / "repository")
    profile = where / "profiles/slurm/config.yaml"
    profile.write_text(re.sub(r"^# (set-resources:|  train_)", r"\1", profile.read_text(), flags=re.MULTILINE))
    target = f"{SHARDS}/n3/seeds0-5.parquet"
    done = run(where, cluster, "slurm", *SQUEUE, "--config", "device=cuda", "--retries", "1", "--", target)
    assert done.returncode != 0
    error = "ValueError: device is cuda, but numba finds no GPU. Linear networks need the extra [gpu]"
    log = "results/logs/train_linear/wu2019-fig2/cls/conv/hinge/n3/seeds0-5.log"
    assert error in done.stdout and log in done.stdout and done.stdout.count("Trying to restart job") == 1
    text = (where / log).read_text()
    assert re.match(r"GPU [01] of job \d+, which the scheduler assigned\n", text) and error in text
    assert list((where / "results/logs/slurm/rule_train_linear").rglob("*.log"))
    shown = subprocess.run(["scontrol", "show", "job"], env=cluster, capture_output=True, text=True, check=True).stdout
    first, second = shown.strip().split("\n\n")[-2:]
    assert "MinMemoryNode=4000M" in first and "MinMemoryNode=8000M" in second
    assert all("TresPerJob=gres:gpu:1" in job and "Partition=gpu" in job for job in (first, second))


def test_a_submit_command_of_ones_own(cluster, tmp_path):
    """One job trains. One hangs and is killed, so that only the status script reports its end."""
    where = copy_repository(tmp_path / "repository")
    done = run(where, cluster, "generic", "--", f"{SHARDS}/n3/seeds0-5.parquet")
    assert done.returncode == 0, done.stdout
    assert len(list((where / "results/logs/cluster").glob("*.log"))) == 2
    hanging = cluster | {"PYTHONPATH": str(write_hanging(tmp_path))}
    killer = threading.Thread(target=kill_when, args=(cluster, tmp_path / "hung", "train_linear"))
    killer.start()
    done = run(where, hanging, "generic", "--retries", "0", "--", f"{SHARDS}/n10/seeds0-5.parquet")
    killer.join()
    assert done.returncode != 0 and "Error in rule train_linear" in done.stdout


def kill_when(environment, marker, name):
    """Kill a job with all its processes once the marker exists."""
    while not marker.exists():
        time.sleep(0.1)
    subprocess.run(["scancel", "--signal=KILL", "--full", "--name", name], env=environment, check=True)
