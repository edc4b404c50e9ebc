"""A real SLURM on one machine: one node with two simulated GPUs, on loopback, without a database."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo", "sacct", "sacctmgr")
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldParameters=enable_configless
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=bf_interval=1,sched_min_interval=100000
GresTypes=gpu
MinJobAge=86400
DefMemPerCPU=500
KillWait=2
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
"""


HOST = socket.gethostname().split(".")[0]


def lacking() -> str | None:
    """Why SLURM cannot be started here, or None."""
    if os.getuid():
        return "only root can start SLURM"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    return f"not installed: {', '.join(missing)} (make test-slurm installs them on Debian)" if missing else None


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """A running SLURM whose state is in a folder; yields the environment in which its commands reach it."""
    for name in ("munge", "state", "spool", "commands", "gpus"):
        (folder / name).mkdir(parents=True)
    munge = folder / "munge"
    (munge / "key").write_bytes(os.urandom(128))
    (munge / "key").chmod(0o400)
    for gpu in ("nvidia0", "nvidia1"):
        (folder / "gpus" / gpu).symlink_to("/dev/null")
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, host=HOST, ports=_ports(2)), encoding="utf-8")
    (folder / "gres.conf").write_text(f"Name=gpu File={folder}/gpus/nvidia[0-1]\n", encoding="utf-8")
    for command in COMMANDS:  # the plugin removes SLURM_CONF from the environment of a job
        path = folder / "commands" / command
        path.write_text(f'#!/bin/sh\nSLURM_CONF={configuration} exec {shutil.which(command)} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder / 'commands'}:{os.environ['PATH']}"}
    own = os.environ | {"SLURM_CONF": str(configuration)}
    files = [f"--{name}-file={munge / name}" for name in ("key", "pid", "log", "seed")]
    files.append(f"--socket={munge / 'socket'}")
    with ExitStack() as running:
        running.enter_context(_on_loopback())
        for command in (["munged", "--foreground", "--force", *files], ["slurmctld", "-D", "-i"], ["slurmd", "-D"]):
            with open(folder / f"{command[0]}.out", "w", encoding="utf-8") as out:
                process = subprocess.Popen(command, env=own, stdout=out, stderr=subprocess.STDOUT)
            running.callback(_stop, process)
            if command[0] == "munged":
                _wait(lambda: (munge / "socket").exists(), folder)
        _wait(lambda: "idle" in _states(environment), folder)
        try:
            yield environment
        finally:
            subprocess.run(["scancel", "--user", "root"], env=environment, check=False)
            _wait(lambda: "idle" in _states(environment), folder)


@contextmanager
def _on_loopback() -> Iterator[None]:
    """Make the name of this machine resolve to 127.0.0.1: with another address, SLURM programs hang."""
    hosts = Path("/etc/hosts")
    before = hosts.read_text(encoding="utf-8")
    try:
        found = socket.gethostbyname(HOST)
    except OSError:
        found = "nothing"
    try:
        if found != "127.0.0.1":
            hosts.write_text(f"127.0.0.1 {HOST} {socket.gethostname()}\n{before}", encoding="utf-8")
        yield
    finally:
        if hosts.read_text(encoding="utf-8") != before:
            hosts.write_text(before, encoding="utf-8")


def _states(environment: dict[str, str]) -> str:
    return subprocess.run(
        ["sinfo", "-ho", "%T"], env=environment, capture_output=True, encoding="utf-8", check=False
    ).stdout


def _wait(ready, folder: Path) -> None:
    for _ in range(300):
        if ready():
            return
        time.sleep(0.1)
    logs = "\n".join(path.read_text(encoding="utf-8")[-2000:] for path in sorted(folder.glob("*.log")))
    raise TimeoutError(f"SLURM did not start:\n{logs}")


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(30)


def _ports(count: int) -> list[int]:
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(closing(socket.socket())) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
