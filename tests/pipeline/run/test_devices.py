"""GPUs are assigned to jobs one by one. No GPU is needed: the tests use only their names."""

import os
import subprocess
import sys
import textwrap
from contextlib import suppress

import pandas as pd
import psutil
import pytest

from convbias_pipeline.run import devices
from running import ROOT, copy_repository, jobs_of, smoke, snakemake

LISTING = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 3g.20gb     Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a78)
GPU 2: NVIDIA H100 (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a79)
"""
SHARDS = [
    f"results/runs/{shard}/seeds0-0.parquet"
    for shard in (
        "wu2019-fig2/cls/conv/hinge/n3",
        "brutzkus2021-fig3a/orthogonal/mlp/adam/n10",
        "brutzkus2021-fig3a/orthogonal/svm/max_margin/n10",
    )
]


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No scheduler, separate locks for each test, and only the GPUs that a test names."""
    for name in (*devices.ALLOCATIONS, "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"):
        monkeypatch.setenv(name, "")  # so that pytest restores the variable
        monkeypatch.delenv(name)
    monkeypatch.setattr(devices.tempfile, "tempdir", str(tmp_path / "locks"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "locks"))
    (tmp_path / "locks").mkdir()


@pytest.fixture
def repository(tmp_path):
    return copy_repository(tmp_path / "repository")


def program(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """Put programs of a test first on the PATH."""
    monkeypatch.setenv("PATH", os.environ["PATH"])
    return lambda name, text: program(tmp_path / "programs", name, text)


@pytest.mark.parametrize(
    ("given", "gpus"),
    [
        ("0", ["0"]),
        ("2, 0", ["2", "0"]),
        ("GPU-5d5b,MIG-GPU-5d5b/1/0", ["GPU-5d5b", "MIG-GPU-5d5b/1/0"]),
        ("", []),
        ("-1", []),
        ("1,-1,0", ["1"]),  # as CUDA has it: what comes after a name that is none is left out
        ("NoDevFiles", []),
    ],
)
def test_only_the_gpus_that_the_environment_names_are_there(given, gpus, monkeypatch, programs):
    programs("nvidia-smi", f"cat <<'END'\n{LISTING}END")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert devices.visible() == gpus


def test_all_gpus_are_there_where_the_environment_names_none(programs):
    programs("nvidia-smi", f"cat <<'END'\n{LISTING}END")
    parts = ["MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", "MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb"]
    assert devices.visible() == [*parts, "1", "2"]


@pytest.mark.parametrize("text", ["echo 'NVIDIA-SMI has failed'; exit 9", "echo No devices were found; exit 0"])
def test_a_driver_that_lists_nothing_means_no_gpu(text, programs):
    programs("nvidia-smi", text)
    assert devices.visible() == []


def test_a_job_of_a_scheduler_has_the_gpus_that_it_was_assigned(monkeypatch, programs):
    programs("nvidia-smi", f"cat <<'END'\n{LISTING}END")
    monkeypatch.setenv("PBS_JOBID", "71")
    assert devices.visible() == []
    assert devices.lacking() == "the scheduler assigned no GPU to job 71"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert devices.visible() == ["1"]


def test_what_a_scheduler_assigned_to_a_job_is_not_leased(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    for _ in range(3):  # would wait forever
        devices.acquire_gpu(1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1" and "CUDA_DEVICE_ORDER" not in os.environ
    assert capsys.readouterr().out == "GPU 1 of job 12, which the scheduler assigned\n" * 3
    assert list((tmp_path / "locks").iterdir()) == []


def test_several_gpus_of_one_scheduler_s_job_are_shared_within_it(monkeypatch):
    taken = []
    for job in ("12", "13"):  # each may call its own GPUs 0 and 1
        for _ in range(2):
            monkeypatch.setenv("SLURM_JOB_ID", job)
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
            devices.acquire_gpu(1)
            taken.append(os.environ["CUDA_VISIBLE_DEVICES"])
    assert taken == ["0", "1", "0", "1"]


def test_as_many_jobs_share_a_gpu_as_the_configuration_says(tmp_path):
    taken = [devices._free(tmp_path, ["4", "MIG-GPU-5d5b/1/0"], 2) for _ in range(5)]
    assert taken == ["4", "MIG-GPU-5d5b/1/0", "4", "MIG-GPU-5d5b/1/0", None]


@pytest.mark.parametrize("given", [None, "1,2"])
def test_a_gpu_keeps_the_number_under_which_it_was_found(given, monkeypatch, programs):
    """nvidia-smi counts in bus order; CUDA counts by speed unless CUDA_DEVICE_ORDER is set."""
    programs("nvidia-smi", f"cat <<'END'\n{LISTING.splitlines()[-2]}\nEND")
    if given:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    devices.acquire_gpu(1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"
    assert os.environ.get("CUDA_DEVICE_ORDER") == (None if given else "PCI_BUS_ID")


CRASHING = """
import os, random, signal, sys, time
from pathlib import Path
sys.path.insert(0, {scripts!r})
from convbias_pipeline.run import devices
devices.acquire_gpu({share})
begin, job = time.monotonic(), snakemake.wildcards.job
assert "torch" not in sys.modules
time.sleep(random.uniform(0, 0.2))
with open("events.csv", "a") as events:
    events.write(f"{{job}},{{os.environ['CUDA_VISIBLE_DEVICES']}},{{begin}},{{time.monotonic()}}\\n")
if int(job) % 3 == 0 and not Path(f"crashed-{{job}}").exists():
    Path(f"crashed-{{job}}").touch()
    os.kill(os.getpid(), signal.SIGKILL)
Path(snakemake.output[0]).touch()
"""


@pytest.mark.parametrize("share", [1, 2])
def test_no_two_jobs_share_a_gpu_and_a_crash_frees_it(share, tmp_path, monkeypatch):
    """20 jobs on 2 GPUs, 8 at once, a third of which die the first time."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    (tmp_path / "work.py").write_text(CRASHING.format(scripts=str(ROOT / "workflow/scripts"), share=share))
    (tmp_path / "Snakefile").write_text(
        textwrap.dedent("""
        rule all:
            input: expand("done/{job}", job=range(20))
        rule work:
            output: "done/{job}"
            retries: 1
            resources: gpu=1
            script: "work.py"
        """)
    )
    done = snakemake(tmp_path, "--cores", 8)
    assert done.returncode == 0, done.stdout
    events = pd.read_csv(tmp_path / "events.csv", names=["job", "gpu", "begin", "end"])
    assert sorted(events["job"]) == sorted([*range(20), *range(0, 20, 3)])
    for _, mine in events.groupby("gpu"):
        at_once = [((mine["begin"] <= begin) & (begin < mine["end"])).sum() for begin in mine["begin"]]
        assert max(at_once) == share
    assert set(events["gpu"]) == {0, 1}


def test_a_training_job_takes_a_gpu_before_torch_starts(repository, monkeypatch):
    """With a CPU build of torch, or if CUDA finds no such device, ``auto`` then trains on the CPU."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "98,99")
    asking = ("--set-resources", "train_linear:gpu=1", "train_detection:gpu=1")
    done = smoke(repository, "--cores", 1, "--config", "device=auto", *asking, "--", *SHARDS)
    assert done.returncode == 0, done.stdout
    logs = sorted((repository / "results/logs").glob("train_*/**/*.log"))
    assert len(logs) == 3 and all("GPU 98 (of 98, 99)" in log.read_text() for log in logs)


def test_a_missing_gpu_is_an_error_before_any_job(repository, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = smoke(repository, "--cores", 1, "--config", "device=cuda", "--", *SHARDS)
    assert done.returncode != 0
    message = "device is cuda, but CUDA_VISIBLE_DEVICES is ''. Set device: auto or cpu."
    assert message in done.stdout and "Traceback" not in done.stdout
    assert not (repository / "results/datasets").exists() and not (repository / "results/runs").exists()


def test_a_job_that_finds_no_gpu_says_so_and_the_svm_needs_none(repository, monkeypatch):
    """--no-hooks skips the check before the run, and what a run tells at its end: the errors are in the logs."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    smoke(repository, "--cores", 1, "--no-hooks", "--config", "device=cuda", "--", *SHARDS)
    logs = "".join(log.read_text() for log in (repository / "results/logs").glob("train_*/**/*.log"))
    extra = " Linear networks need the extra [gpu] (see docs/gpu.md)."
    for library, more in (("torch", ""), ("numba", extra)):
        message = f"ValueError: device is cuda, but {library} finds no GPU.{more} Set device: auto or cpu."
        assert logs.count(message) == 1
    assert [(repository / shard).exists() for shard in SHARDS] == [False, False, True]


def test_a_limit_on_gpus_blocks_no_job_without_gpus(repository, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = smoke(repository, "--cores", 1, "--resources", "gpu=2", "--config", "device=auto", "--", *SHARDS)
    assert done.returncode == 0, done.stdout
    logs = list((repository / "results/logs").glob("train_*/**/*.log"))
    assert len(logs) == 3 and not any("GPU" in log.read_text() for log in logs)


def test_auto_requests_gpus_if_the_cluster_has_them(programs):
    programs("sinfo", "echo '(null)'; echo 'gpu:h200:8(S:0-1)'")
    assert devices.cluster_has_gpus()
    programs("sinfo", "echo '(null)'")
    assert not devices.cluster_has_gpus()


def test_a_build_of_torch_without_cuda_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for build, why in (("cuda = None", "torch 2.13.0 is built without CUDA"), ("cuda = '13.0'", None)):
        (tmp_path / "torch/version.py").write_text(f"__version__ = '2.13.0'\n{build}\n")
        done = subprocess.run(
            [sys.executable, "-c", "from convbias_pipeline.run import devices; print(devices.lacking())"],
            env=os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT / 'workflow/scripts'}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(why)


def test_the_number_of_places_counts_jobs_that_share_a_gpu(tmp_path, monkeypatch):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").touch()
    (tmp_path / "torch/version.py").write_text("__version__, cuda = '2.13.0', '13.0'\n")
    (tmp_path / "config.yaml").write_text("jobs_per_gpu: 3\n")
    for number, text in enumerate(["jobs_per_gpu: many", "device: cpu", "- 1", "{", "a: " + "[" * 9999, "&a [*a]"]):
        (tmp_path / f"wrong{number}.yaml").write_text(text)
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT / 'workflow/scripts'}"}
    for given, places in (("0,1", "6"), ("", "0")):
        done = subprocess.run(
            [sys.executable, "-m", "convbias_pipeline.run.devices", tmp_path / "config.yaml"],
            env=environment | {"CUDA_VISIBLE_DEVICES": given},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == places
    monkeypatch.setattr(devices, "lacking", lambda: None)
    monkeypatch.setattr(devices, "visible", lambda: ["0", "1"])
    wrong = list(tmp_path.glob("wrong*.yaml"))
    assert [devices.places(config) for config in wrong] == [0] * 6  # Snakemake then reports the errors


def test_a_job_has_at_most_the_threads_of_its_rule(repository, monkeypatch):
    """The user's environment does not matter."""
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    pools, threads = set(), set()
    with subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--configfile", "tests/config.yaml", "--cores", "1", "--", *SHARDS],
        cwd=repository,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while run.poll() is None:
            for job in jobs_of(run):
                with suppress(psutil.NoSuchProcess):
                    pools |= {value for name, value in job.environ().items() if name.endswith("_NUM_THREADS")}
                    threads.add(job.num_threads())
    assert run.returncode == 0 and pools == {"1"} and max(threads) < 64
