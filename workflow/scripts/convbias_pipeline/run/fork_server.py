"""Run jobs as forks of one process that has loaded their libraries. Loading them takes most of a short job's time.

This works only on Linux. On other systems, a fork cannot rely on the libraries that its parent has loaded.
"""

import atexit
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from runpy import run_path
from threading import Thread
from typing import Any, NoReturn

from convbias_pipeline.jobs import fingerprint
from convbias_pipeline.run import sources
from convbias_pipeline.run.hand_over import FORK_SERVER, THREADS
from convbias_pipeline.store.provenance import environment as record_environment

SNAKEMAKE = ("snakemake.logging", "snakemake.iocontainers")  # Snakemake loads these before any script
LINEAR = ("numpy.ma", "pandas", "pyarrow.parquet", "convbias.linear.shard", "convbias.linear.tables")
LIBRARIES = (*LINEAR, "convbias.detection.shard", "convbias.detection.tables", "convbias.margin", "torch")
PLOTTING = ("pyarrow.parquet", "convbias.figures.style")
LOADED = {  # by script; all other scripts get LIBRARIES. Without torch, a fork holds 130 MB less
    **dict.fromkeys(("plot_figure", "plot_explorer", "check_claims"), PLOTTING),
    **dict.fromkeys(("make_dataset", "train_linear", "estimate_asymptotics", "collect_table"), LINEAR),
}
PATIENCE = 2  # seconds to wait for each part of a request; other jobs wait meanwhile
_open: list[subprocess.Popen[bytes]] = []


def start_fork_server() -> None:
    """Start a fork server for the jobs of this process. The server ends when this process ends, even if it is killed.

    On other systems, and if no socket can be created, there is no server. Every job then loads its own libraries.
    """
    if sys.platform != "linux" or FORK_SERVER in os.environ:
        return
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            folder = tempfile.mkdtemp(prefix="convbias-")
            listener.bind(address := f"{folder}/socket")
        except OSError:
            return
        listener.listen(128)
        command = [sys.executable, "-P", "-m", "convbias_pipeline.run.fork_server", folder, str(listener.fileno())]
        environment = {**os.environ, **dict.fromkeys((THREADS, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
        environment["JE_ARROW_MALLOC_CONF"] = "background_thread:false"  # Python 3.12 warns of a fork with threads
        _open.append(subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()], env=environment))
    atexit.register(_remove, folder, os.getpid())  # the server removes it, unless it is killed
    os.environ[FORK_SERVER] = os.pathsep.join([sys.prefix, address])


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # and not in a fork of that process
        shutil.rmtree(folder, ignore_errors=True)


def serve(folder: str, listener: socket.socket) -> None:
    """Fork a process for each job that requests one, until the standard input ends."""
    sources.follow()
    record_environment()  # once for all jobs, and now: later, this process cannot wait for git
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also ends the processes that wait for the forks
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a fork sends its status to the process that waits for it
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    waiting.register(listener, selectors.EVENT_READ)
    while listener in [key.fileobj for key, _ in waiting.select()]:
        job, _ = listener.accept()
        files: list[int] = []
        with job:
            if request := _request(job, files):
                _load(*SNAKEMAKE, *LOADED.get(Path(request["argv"][0]).suffixes[-2][1:], LIBRARIES))
                if os.fork() == 0:
                    _become(job, files, request)
        for file in files:
            os.close(file)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # skips the slow unloading of the libraries


def _request(job: socket.socket, files: list[int]) -> dict[str, Any] | None:
    """The request of a client, or None if it is not valid or does not arrive in time. The client then runs alone.

    The standard input, output and error of the client are added to ``files``.
    """
    try:
        job.settimeout(PATIENCE)
        files += socket.recv_fds(job, 1, 3)[1]
        with job.makefile("rb") as lines:
            request = json.loads(lines.readline())
        job.settimeout(None)
        valid = len(files) == 3 and {"argv", "path", "folder", "environ"} <= request.keys()
        return request if valid and Path(request["argv"][0]).suffixes[-2] else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _load(*modules: str) -> None:
    missing = [module for module in modules if module not in sys.modules]
    for module in missing:
        import_module(module)
        if module == "convbias.linear.shard":  # what numba loads when it compiles for the first time
            import_module("numba").njit("void()")(lambda: None)
    if missing:
        for file, source in sources.loaded.items():  # parsed once for all forks, which compute their fingerprint
            fingerprint.parse(source, tuple(file.split("/")[:-1]))
        gc.freeze()  # otherwise the garbage collector of each fork would scan all loaded libraries


def _become(job: socket.socket, files: list[int], request: dict[str, Any]) -> NoReturn:
    """Turn into the process that sent the request, and run its script with the libraries already loaded."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for own, given in enumerate(files):
        os.dup2(given, own)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.argv, script = request["argv"], Path(request["argv"][0])
    sys.path = [str(script.parent), *request["path"]]
    Thread(target=_end_with, args=[job], daemon=True).start()
    job.sendall(b"+")
    status = _run(script)
    sys.stdout.flush()
    sys.stderr.flush()
    job.sendall(bytes([status]))
    os._exit(status)


def _end_with(job: socket.socket) -> None:
    job.recv(1)
    os._exit(1)


def _run(script: Path) -> int:
    """Run a script and return its exit status. Print its CPU time and memory, which Snakemake does not measure."""
    began = getrusage(RUSAGE_SELF)
    try:
        run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        if isinstance(ending.code, int | None):
            return ending.code or 0
        print(ending.code, file=sys.stderr)  # as Python does with a text
        return 1
    except BaseException as error:
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != str(script):  # leave out the frames before the script
            trace = trace.tb_next
        sys.excepthook(type(error), error, trace)
        return 1
    spent = getrusage(RUSAGE_SELF)
    seconds = spent.ru_utime + spent.ru_stime - began.ru_utime - began.ru_stime
    print(f"{seconds:.2f} s of CPU, {spent.ru_maxrss / 1024:.0f} MB of memory at most")
    return 0


if __name__ == "__main__":
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
