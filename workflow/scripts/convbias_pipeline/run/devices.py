"""The GPUs of this machine: find them, and reserve one for a job until its process ends."""

import fcntl
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from itertools import product, takewhile
from pathlib import Path
from typing import Literal

# Each scheduler's variable for the job's ID: SLURM, PBS, LSF, Flux, HTCondor, Grid Engine
ALLOCATIONS = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "FLUX_JOB_ID", "_CONDOR_SLOT", "JOB_ID")
NAME = re.compile(r"\d+|(GPU|MIG)-\S+")  # a device name that CUDA accepts
LISTED = re.compile(r"(?m)^GPU (\d+):.*\n((?:^ +MIG .*\n?)*)")
INSTANCE = re.compile(r"UUID: (MIG-[^)\s]+)")


class DeviceError(RuntimeError):
    """The configuration requires a GPU, but no job can use one."""


def visible() -> list[str]:
    """The GPUs that this process may use, by the names that CUDA_VISIBLE_DEVICES accepts.

    If that variable is set, or in a scheduler's job, they are the GPUs that it lists. Otherwise they are all GPUs that
    nvidia-smi lists. A GPU that MIG divides is listed by its instances.
    """
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None or _allocation():
        return list(takewhile(NAME.fullmatch, (name.strip() for name in (given or "").split(","))))
    listed = LISTED.findall(_output("nvidia-smi", "-L"))
    return [name for number, instances in listed for name in INSTANCE.findall(instances) or [number]]


def lacking() -> str | None:
    """The reason why no job can train on a GPU of this machine, or None if jobs can."""
    if not visible():
        given = os.environ.get("CUDA_VISIBLE_DEVICES")
        if given is None and _allocation():
            return f"the scheduler assigned no GPU to job {_allocation()}"
        return "nvidia-smi finds no GPU" if given is None else f"CUDA_VISIBLE_DEVICES is {given!r}"
    torch = find_spec("torch")  # we do not import it, which takes a second
    if torch and torch.origin:
        build = runpy.run_path(str(Path(torch.origin).with_name("version.py")))
        if not build["cuda"] and not build.get("hip"):
            return f"torch {build['__version__']} is built without CUDA"
    return None


def require() -> None:
    """Check that jobs can train on a GPU of this machine.

    Raises:
        DeviceError: they cannot. The message gives the reason.
    """
    if why := lacking():
        raise DeviceError(f"device is cuda, but {why}. Set device: auto or cpu.")


def cluster_has_gpus() -> bool:
    """Whether the SLURM cluster that this machine submits jobs to has a GPU."""
    return "gpu" in _output("sinfo", "--noheader", "--format=%G")


def pick(requested: str, library: Literal["numba", "torch"]) -> str:
    """The device to train on: ``cpu`` or ``cuda``. For ``auto`` it is the GPU if the library finds one.

    Raises:
        ValueError: the device is cuda, but the library finds no GPU.
    """
    if requested == "cpu":
        return requested
    if import_module(f"{library}.cuda").is_available():  # here, because not every caller needs the library
        return "cuda"
    if requested == "cuda":
        install = " Linear networks need the extra [gpu] (see docs/gpu.md)." if library == "numba" else ""
        raise ValueError(f"device is cuda, but {library} finds no GPU.{install} Set device: auto or cpu.")
    return "cpu"


def acquire_gpu(jobs_per_gpu: int) -> None:
    """Reserve a GPU until this process ends, and hide the others. Wait while all GPUs are busy.

    Call it before torch or numba is imported. Locks divide the GPUs among the processes of one user on one machine. A
    single GPU that a scheduler assigned needs no lock. If it assigned several, the processes of its job share them.
    """
    gpus, job = visible(), _allocation()
    if not gpus or (job and len(gpus) == 1):
        print(f"GPU {gpus[0]} of job {job}, which the scheduler assigned" if gpus else "no GPU is visible to this job")
        return
    folder = Path(tempfile.gettempdir(), f"convbias-gpus-{os.getuid()}", job.replace("/", "_"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = False
    while not (gpu := _free(folder, gpus, jobs_per_gpu)):
        if not waiting:
            print(
                f"All {len(gpus)} GPUs are busy; waiting. Run with --resources gpu={len(gpus) * jobs_per_gpu} to queue "
                "jobs without blocking a core."
            )
        waiting = True
        time.sleep(0.1)
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the order in which nvidia-smi counts
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    print(f"GPU {gpu} (of {', '.join(gpus)})")


def places(config: Path) -> int:
    """The number of jobs that the GPUs of this machine take at once, for ``--resources gpu``.

    It is 0 if the configuration has errors, so that Snakemake starts and reports them.
    """
    from convbias_pipeline.configuration.read import read  # here, because environments of jobs have no YAML

    try:
        return 0 if lacking() else len(visible()) * int(read(config)["jobs_per_gpu"])
    except (LookupError, TypeError, ValueError):
        return 0


def _allocation() -> str:
    """The ID of the scheduler's job that this process belongs to, or an empty string."""
    return next(filter(None, map(os.environ.get, ALLOCATIONS)), "")


def _free(folder: Path, gpus: list[str], jobs_per_gpu: int) -> str | None:
    """A GPU with a free place, which this process then holds. GPUs with fewer jobs come first."""
    for place, gpu in product(range(jobs_per_gpu), gpus):
        file = os.open(folder / f"{gpu.replace('/', '_')}.{place}", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # never closed: the lock ends with the process
            return gpu
        except BlockingIOError:
            os.close(file)
    return None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":
    print(places(Path(sys.argv[1])))
