"""Jobs that run as forks of the fork server behave as jobs in separate processes, however either ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from convbias_pipeline.run.fork_server import start_fork_server
from convbias_pipeline.run.hand_over import FORK_SERVER, THREADS
from convbias_pipeline.run.start import HOOK
from running import ROOT, run_small

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fork server needs Linux")

STARTER = f"""
import os
from convbias_pipeline.run.fork_server import start_fork_server
start_fork_server()
print(os.environ["{FORK_SERVER}"], flush=True)
input()
"""
JOB = """
from types import SimpleNamespace
from convbias_pipeline.run.begin import begin_job
begin_job(SimpleNamespace(log=["log"], params={}, scriptdir=SCRIPTS))
import json, os, sys
from pathlib import Path
torch = "torch" in sys.modules
Path("found").write_text(json.dumps(dict(
    pid=os.getpid(), cwd=os.getcwd(), argv=sys.argv, path=sys.path, mine=os.environ.get("MINE"), torch=torch,
    name=__name__, file=__file__,
)))
""".replace("SCRIPTS", repr(str(ROOT / "workflow/scripts")))
BASE = {**os.environ, "PYTHONPATH": f"{HOOK}:{ROOT / 'workflow/scripts'}", THREADS: "1", "MINE": "of the job"}


@pytest.fixture(scope="module")
def server():
    yield from served()


def served(starter=STARTER):
    environment = {name: value for name, value in BASE.items() if name not in (FORK_SERVER, "MINE")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", starter], env=environment, text=True, **pipes)
    process.address = process.stdout.readline().strip()
    yield process
    process.kill()
    process.communicate()


def start(folder, server, source, name="job", **environ):
    (script := folder / f".snakemake/scripts/tmp.{name}.py").parent.mkdir(parents=True)
    script.write_text(JOB + source)
    environment = {**BASE, FORK_SERVER: server.address, **environ}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    interruptible = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # even if all this runs in the background
    return subprocess.Popen(
        [sys.executable, script, "argument"],
        cwd=folder,
        env=environment,
        text=True,
        preexec_fn=interruptible,
        **pipes,
    )


def found(folder, job, seconds=60.0):
    """What the script found, once it has."""
    ends = time.monotonic() + seconds
    while not (file := folder / "found").exists() or not file.read_text():
        assert time.monotonic() < ends and job.poll() is None, (folder / "log").read_text()
        time.sleep(0.01)
    return json.loads(file.read_text())


def gone(pid, seconds=10.0):
    ends = time.monotonic() + seconds
    while psutil.pid_exists(pid) and time.monotonic() < ends:
        time.sleep(0.01)
    return not psutil.pid_exists(pid)


def test_the_fork_of_a_linear_job_does_not_hold_torch_and_the_server_has_one_thread(tmp_path):
    """As long as no other job has asked the server for torch. Forks of a process with threads are not safe."""
    for server in served():
        for name, holds in (("train_linear", False), ("train_detection", True), ("make_dataset", True)):
            (folder := tmp_path / name).mkdir()
            job = start(folder, server, "assert 'convbias.linear.shard' in sys.modules", name)
            assert job.communicate()[0] == "" and job.returncode == 0, (folder / "log").read_text()
            assert json.loads((folder / "found").read_text())["torch"] == holds
            (process,) = psutil.Process(server.pid).children()
            assert process.num_threads() == 1


def test_a_fork_differs_from_its_job_only_in_loaded_libraries(server, tmp_path):
    (forked := tmp_path / "forked").mkdir()
    (alone := tmp_path / "alone").mkdir()
    job = start(forked, server, "print('said'); os.write(1, b'to the terminal')")
    assert job.communicate()[0] == "to the terminal" and job.returncode == 0
    here = json.loads((forked / "found").read_text())
    job = start(alone, server, "print('said')", **{FORK_SERVER: ""})
    assert job.communicate()[0] == "" and job.returncode == 0
    there = json.loads((alone / "found").read_text())
    assert (here.pop("torch"), there.pop("torch")) == (True, False)
    assert here.pop("pid") != job.pid and there.pop("pid") == job.pid
    assert json.loads(json.dumps(here).replace("forked", "alone")) == there
    assert there["mine"] == "of the job" and there["name"] == "__main__"
    said, spent = (forked / "log").read_text().splitlines()
    assert said == "said" and spent.endswith("MB of memory at most")
    assert (alone / "log").read_text() == "said\n"


@pytest.mark.parametrize(
    ("ending", "status"),
    [("raise ValueError('wrong')", 1), ("sys.exit('why')", 1), ("sys.exit(3)", 3), ("sys.exit()", 0)],
)
def test_a_fork_ends_as_its_job_would(server, tmp_path, ending, status):
    job = start(tmp_path, server, ending)
    assert (job.communicate()[0], job.returncode) == ("", status)
    log = (tmp_path / "log").read_text()
    assert ("ValueError: wrong" in log) == ("ValueError" in ending) and "fork_server.py" not in log
    assert (log.splitlines()[-1:] == ["why"]) == ("why" in ending)


def test_a_killed_fork_is_a_killed_job(server, tmp_path):
    job = start(tmp_path, server, "import time; time.sleep(60)")
    os.kill(found(tmp_path, job)["pid"], signal.SIGKILL)
    assert job.communicate()[0] == "" and job.returncode == -signal.SIGKILL


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_job_ends_its_fork(server, tmp_path, ending):
    job = start(tmp_path, server, "import time; time.sleep(60)")
    fork = found(tmp_path, job)["pid"]
    job.send_signal(ending)
    assert "Traceback" not in job.communicate()[0] and job.returncode != 0
    assert gone(fork)


@pytest.mark.parametrize(
    "other", [{THREADS: "2"}, {FORK_SERVER: f"/another/environment:{ROOT}"}, {FORK_SERVER: "closed"}]
)
def test_a_job_without_a_matching_fork_server_runs_alone(server, tmp_path, other):
    if other.get(FORK_SERVER) == "closed":
        other = {FORK_SERVER: f"{sys.prefix}{os.pathsep}{tmp_path}/closed"}
    job = start(tmp_path, server, "", **other)
    assert job.communicate()[0] == "" and job.returncode == 0
    assert json.loads((tmp_path / "found").read_text())["pid"] == job.pid


def test_the_fork_server_ends_with_the_process_that_started_it(tmp_path):
    environment = {name: value for name, value in BASE.items() if name != FORK_SERVER}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", STARTER], env=environment, text=True, **pipes)
    process.address = process.stdout.readline().strip()
    [forker] = psutil.Process(process.pid).children()
    job = start(tmp_path, process, "import time; time.sleep(2); print('done')")
    found(tmp_path, job)
    process.kill()
    process.communicate()
    assert gone(forker.pid) and not Path(process.address.partition(os.pathsep)[2]).parent.exists()
    assert job.communicate()[0] == "" and job.returncode == 0 and "done" in (tmp_path / "log").read_text()


def test_the_fork_server_loads_no_module_from_the_working_directory(tmp_path, monkeypatch):
    """For example from another copy of the scripts, or from a module that is called as one of Python's."""
    (tmp_path / "convbias_pipeline").mkdir()
    for name in ("queue.py", "json.py", "convbias_pipeline/__init__.py"):
        (tmp_path / name).write_text("raise SystemExit('a stray module')")
    monkeypatch.chdir(tmp_path)
    starter = STARTER.replace("import os\n", "import os, sys\nsys.path.remove('')\n")
    for server in served(starter):
        job = start(tmp_path, server, "import queue; print(queue.__file__)", "make_dataset")
        assert job.communicate(timeout=60)[0] == "" and job.returncode == 0
        assert found(tmp_path, job)["pid"] != job.pid and str(tmp_path) not in (tmp_path / "log").read_text()


def connected(server):
    client = socket.socket(socket.AF_UNIX)
    client.connect(server.address.partition(os.pathsep)[2])
    return client


def test_a_client_that_sends_nothing_blocks_no_job(server, tmp_path):
    """Not before it sends anything, and not after its first byte."""
    with connected(server), connected(server) as second:
        socket.send_fds(second, [b"\n"], [0, 1, 2])
        job = start(tmp_path, server, "")
        assert job.communicate(timeout=60)[0] == "" and job.returncode == 0
        assert found(tmp_path, job)["pid"] != job.pid


@pytest.mark.parametrize("request_of", [b"", b"no JSON\n", b"[]\n", b"{}\n", b'{"argv": []}\n', b"\xff\n"])
@pytest.mark.parametrize("files", [0, 3])
def test_a_bad_request_does_not_end_the_server(server, tmp_path, request_of, files):
    with connected(server) as client:
        socket.send_fds(client, [b"\n"], [0, 1, 2][:files])
        client.sendall(request_of)
    job = start(tmp_path, server, "")
    assert job.communicate(timeout=60)[0] == "" and job.returncode == 0
    assert found(tmp_path, job)["pid"] != job.pid


def test_the_folder_of_a_killed_server_is_removed(tmp_path):
    environment = {name: value for name, value in BASE.items() if name != FORK_SERVER} | {"TMPDIR": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", STARTER], env=environment, text=True, **pipes)
    assert process.stdout.readline().strip()
    [forker] = psutil.Process(process.pid).children()
    forker.kill()
    process.communicate("\n")
    assert list(tmp_path.iterdir()) == []


def test_the_sitecustomize_of_a_user_is_still_loaded(server, tmp_path):
    """It is loaded even behind the hook of another checkout, whose environment may run this workflow."""
    for folder in ("checkout", "own"):
        (tmp_path / folder).mkdir()
    shutil.copy(HOOK / "sitecustomize.py", tmp_path / "checkout")
    (tmp_path / "own/sitecustomize.py").write_text("import os; os.environ['MINE'] = 'of the user'")
    search = os.pathsep.join([BASE["PYTHONPATH"], str(tmp_path / "checkout"), str(tmp_path / "own")])
    job = start(tmp_path, server, "", **{FORK_SERVER: "", "PYTHONPATH": search})
    assert job.communicate()[0] == "" and job.returncode == 0
    assert json.loads((tmp_path / "found").read_text())["mine"] == "of the user"


@pytest.mark.parametrize("name", ["missing", "far" * 60])
def test_there_is_no_fork_server_without_a_socket(name, tmp_path, monkeypatch):
    """The folder does not exist, or its name is too long."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
    monkeypatch.delenv(FORK_SERVER, raising=False)
    if name != "missing":
        (tmp_path / name).mkdir()
    start_fork_server()
    assert FORK_SERVER not in os.environ


def test_a_run_without_the_fork_server_gives_the_same_files(undisturbed, tmp_path, monkeypatch):
    """One job of each rule that computes rows, and what it needs."""
    alone = shutil.copytree(undisturbed, tmp_path / "alone", ignore=shutil.ignore_patterns("results", ".snakemake"))
    monkeypatch.setenv(FORK_SERVER, "")
    requested = (
        "runs/wu2019-fig2/cls/conv/hinge/n10/seeds0-1",
        "runs/brutzkus2021-fig3a/orthogonal/conv_pool/adam/n10/seeds0-1",
        "asymptotics/wu2019-fig5/cls/n10/seeds0-1",
        "tables/theory",
    )
    done = run_small(alone, "--", *(f"results/{file}.parquet" for file in requested))
    assert done.returncode == 0, done.stdout
    rules = ("make_dataset", "make_inputs", "train_linear", "train_detection", "estimate_asymptotics")
    rules += ("compute_theory", "collect_table")
    files, logs = (
        [file.relative_to(alone) for file in (alone / "results").rglob(pattern)] for pattern in ("*.parquet", "*.log")
    )
    different = [file for file in files if (alone / file).read_bytes() != (undisturbed / file).read_bytes()]
    assert len(files) >= len(requested) and different == []
    assert {log.parts[2] for log in logs} == set(rules)
    forked, own = (
        [log for log in logs if "MB of memory at most" in (where / log).read_text()] for where in (undisturbed, alone)
    )
    assert own == [] and forked == logs
