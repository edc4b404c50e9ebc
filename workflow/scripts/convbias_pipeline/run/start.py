"""Prepare the main process of a run before its first job."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convbias_pipeline.run import devices, folder, fork_server

HOOK = Path(__file__).parent / "hook"  # every job loads its sitecustomize.py as Python starts


def set_python_path(scripts: Path) -> None:
    """Make all jobs import the core from this checkout, and load the hook that hands them to the fork server."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [str(HOOK), str(scripts), *inherited]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in paths if path))


def trains_on_gpu(device: str, local: bool) -> bool:
    """Whether training jobs request a GPU, of this machine or of the cluster that runs them."""
    if device != "auto":
        return device == "cuda"
    return devices.lacking() is None if local else devices.cluster_has_gpus()


def start(results: Path, device: str, local: bool, on_gpu: Callable[[], bool]) -> None:
    """Lock the results, correct the times of files, and start the fork server.

    ``local`` is true if jobs run on this machine. CUDA does not survive a fork, so GPU jobs get no fork server.

    Raises:
        DeviceError: ``device`` is cuda and this machine has no GPU.
        FolderError: the results cannot be written to, or another run is writing to them.
    """
    if device == "cuda" and local:
        devices.require()
    folder.acquire_lock(results)
    folder.correct_future_times(results)
    if local and not on_gpu():
        fork_server.start_fork_server()


def start_with_host(workflow: Any, begin: Callable[[], None]) -> None:
    """Let a workflow that uses this one call ``begin`` before its own ``onstart``. Snakemake runs no other one."""
    register = workflow.onstart

    def both(host: Callable[[Any], None]) -> Callable[[Any], None]:
        def onstart(log: Any) -> None:
            begin()
            host(log)

        return onstart

    workflow._onstart = both(workflow._onstart)
    workflow.onstart = lambda host: register(both(host))  # of a host that has it after the module
