"""The GPUs of this machine: which there are, and one of them for a job, for as long as its process lives."""

import fcntl
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import product, takewhile
from pathlib import Path

# The job that a scheduler started this process in: SLURM, PBS, LSF, Flux, HTCondor, Grid Engine
ALLOCATIONS = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "FLUX_JOB_ID", "_CONDOR_SLOT", "JOB_ID")
NAME = re.compile(r"\d+|(GPU|MIG)-\S+")  # that CUDA takes for a device
LISTED = re.compile(r"(?m)^GPU (\d+):.*\n((?:^ +MIG .*\n?)*)")
PART = re.compile(r"UUID: (MIG-[^)\s]+)")


class DeviceError(RuntimeError):
    """A GPU was asked for and there is none."""


def visible() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; a divided one by its MIG instances.

    In a scheduler's job they are those that the variable names; elsewhere, without it, all that nvidia-smi lists.
    """
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None or _allocation():
        return list(takewhile(NAME.fullmatch, (name.strip() for name in (given or "").split(","))))
    listed = LISTED.findall(_output("nvidia-smi", "-L"))
    return [name for number, parts in listed for name in PART.findall(parts) or [number]]


def lacking() -> str | None:
    """Why no job can train on a GPU of this machine, or None where it can."""
    if not visible():
        given = os.environ.get("CUDA_VISIBLE_DEVICES")
        if given is None and _allocation():
            return f"the scheduler assigned no GPU to job {_allocation()}"
        return "nvidia-smi finds no GPU" if given is None else f"CUDA_VISIBLE_DEVICES is {given!r}"
    torch = find_spec("torch")  # importing it takes a second
    if torch and torch.origin:
        build = runpy.run_path(str(Path(torch.origin).with_name("version.py")))
        if not build["cuda"] and not build.get("hip"):
            return f"torch {build['__version__']} is built without CUDA"
    return None


def require() -> None:
    """Do nothing where a job can train on a GPU of this machine.

    Raises:
        DeviceError: none can; it says why.
    """
    if why := lacking():
        raise DeviceError(f"device is cuda, but {why}. Set device: auto or cpu.")


def cluster_has_gpus() -> bool:
    """Whether a SLURM cluster that jobs can be sent to from here has a GPU."""
    return "gpu" in _output("sinfo", "--noheader", "--format=%G")


def pick(requested: str) -> str:
    """``cpu`` or ``cuda`` for what is requested; for ``auto`` the GPU if there is one.

    Raises:
        ValueError: the device is cuda and there is none.
    """
    if requested == "cpu":
        return requested
    import torch  # not everything that asks needs it

    if torch.cuda.is_available():
        return "cuda"
    if requested == "cuda":
        raise ValueError("device is cuda, but torch finds no GPU. Set device: auto or cpu.")
    return "cpu"


def acquire_gpu(jobs_per_gpu: int) -> None:
    """Take a GPU for as long as this process lives, however it ends, and hide the others; wait while all are taken.

    To be called before torch is imported. Processes of one user on one machine share the GPUs that way; what a
    scheduler assigned to this job alone is taken as it is, and several that it assigned are shared within the job.
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
                f"All {len(gpus)} GPUs are busy; waiting. Run with --resources gpu={len(gpus) * jobs_per_gpu} to queue jobs "
                "without blocking a core."
            )
        waiting = True
        time.sleep(0.1)
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # that in which nvidia-smi counts
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    print(f"GPU {gpu} (of {', '.join(gpus)})")


def _allocation() -> str:
    """The scheduler's job that this process is part of, or nothing."""
    return next(filter(None, map(os.environ.get, ALLOCATIONS)), "")


def _free(folder: Path, gpus: list[str], jobs_per_gpu: int) -> str | None:
    """A GPU with a free place, which is this process's from now on; those that fewer jobs share come first."""
    for place, gpu in product(range(jobs_per_gpu), gpus):
        file = os.open(folder / f"{gpu.replace('/', '_')}.{place}", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # never closed: the lock goes when the process does
            return gpu
        except BlockingIOError:
            os.close(file)
    return None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":  # how many jobs the GPUs here take at once, for --resources gpu
    import yaml

    print(0 if lacking() else len(visible()) * yaml.safe_load(Path(sys.argv[1]).read_text())["jobs_per_gpu"])
