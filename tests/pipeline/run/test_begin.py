"""A job writes only if it has run the code that its run expects, from its own checkout, and its run is the last one."""

import os
import py_compile
import shutil
import signal
import subprocess
import sys

import pytest

from convbias_pipeline.jobs.fingerprint import Sources, fingerprint
from convbias_pipeline.run import folder
from convbias_pipeline.run.fork_server import FORK_SERVER
from convbias_pipeline.run.sources import SCRIPTS

SCRIPT = """
from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write

begin_job(snakemake)

from pathlib import Path
from runpy import run_path
from convbias.own import VALUE

if Path("after_imports.py").exists():
    run_path("after_imports.py")
with atomic_write("written") as temp_path:
    temp_path.write_text(VALUE)
"""
PREAMBLE = """
from types import SimpleNamespace
snakemake = SimpleNamespace(log=["log"], params={{"job_params": {{"code": {code!r}}}}}, scriptdir={scripts!r})
######## snakemake preamble end #########
"""


@pytest.fixture
def scripts(tmp_path):
    """The scripts of a checkout: the plumbing, a script and a module of the core."""
    scripts = tmp_path / "checkout"
    shutil.copytree(
        SCRIPTS / "convbias_pipeline", scripts / "convbias_pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    (scripts / "convbias").mkdir()
    (scripts / "convbias/__init__.py").touch()
    (scripts / "convbias/own.py").write_text("VALUE = 'right'\n")
    (scripts / "own.py").write_text(SCRIPT)
    return scripts


@pytest.fixture
def started(scripts, tmp_path, monkeypatch):
    """Start a job as Snakemake does, after an edit."""

    def start(edit=lambda: None, python_path=scripts, **environ):
        monkeypatch.chdir(tmp_path)
        (job := tmp_path / ".snakemake/scripts/tmp1.own.py").parent.mkdir(parents=True)
        code = fingerprint("own", [], Sources(scripts))
        edit()
        job.write_text(PREAMBLE.format(code=code, scripts=str(scripts)) + (scripts / "own.py").read_text())
        environment = {**os.environ, FORK_SERVER: "", "PYTHONPATH": str(python_path), **environ}
        return subprocess.Popen([sys.executable, job], env=environment)

    return start


def ended(job, where):
    """The content of the file that a job wrote, or its error."""
    written = where / "written"
    assert (job.wait() == 0) == written.exists() and not list(where.glob(".*.part"))
    return written.read_text() if written.exists() else (where / "log").read_text().splitlines()[-1]


def changed(text):
    assert "CodeError: Nothing was written: the code of own changed after the run had begun (its hash was " in text
    return text.endswith("Run the same command again.")


def test_a_job_that_runs_the_expected_code_writes(started, scripts, tmp_path):
    def comment():
        (scripts / "convbias/own.py").write_text("# a comment\nVALUE = 'right'\n")

    assert ended(started(comment), tmp_path) == "right"


def test_a_log_is_in_utf_8_whatever_the_locale(started, tmp_path):
    (tmp_path / "after_imports.py").write_text("print('bins ≥ 3, \\udcff')", encoding="utf-8")
    assert ended(started(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"), tmp_path) == "right"
    assert (tmp_path / "log").read_text(encoding="utf-8") == "bins ≥ 3, \\udcff\n"


@pytest.mark.parametrize("file", ["convbias/own.py", "own.py"])
def test_an_edit_before_the_job_starts_is_found_even_if_it_is_undone_later(started, scripts, tmp_path, file):
    before = (scripts / file).read_text()

    def edit():
        (scripts / file).write_text(
            before.replace("'right'", "'wrong'").replace("write_text(VALUE", "write_text('wrong'")
        )
        (tmp_path / "after_imports.py").write_text(f"open({str(scripts / file)!r}, 'w').write({before!r})")

    assert changed(ended(started(edit), tmp_path))
    assert (scripts / file).read_text() == before


def test_an_edit_after_the_job_has_loaded_its_modules_does_not_stop_it(started, scripts, tmp_path):
    other = "VALUE = 'wrong'"
    (tmp_path / "after_imports.py").write_text(f"open({str(scripts / 'convbias/own.py')!r}, 'w').write({other!r})")
    assert ended(started(), tmp_path) == "right"


def test_bytecode_of_another_source_is_not_run(started, scripts, tmp_path):
    """Python takes it if the source has the same size and time."""

    def edit():
        right, own = "VALUE = 'right'\n", scripts / "convbias/own.py"
        own.write_text(right.replace("right", "wrong"))
        os.utime(own, (1, 1))
        py_compile.compile(str(own))
        own.write_text(right)
        os.utime(own, (1, 1))

    assert ended(started(edit), tmp_path) == "right"


def test_modules_of_another_checkout_are_refused(started, scripts, tmp_path):
    shutil.copytree(scripts, tmp_path / "other")
    error = ended(started(python_path=tmp_path / "other"), tmp_path)
    assert f"CodeError: Nothing was written: this job belongs to {scripts}, but has loaded convbias" in error


def test_a_suspended_job_does_not_overwrite_the_files_of_a_later_run(started, tmp_path, monkeypatch):
    """Each call of acquire_lock stands for a run. A signal stops the job after it has loaded its modules."""
    (tmp_path / "results").mkdir()
    (tmp_path / "after_imports.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)")
    monkeypatch.setenv(folder.RUN, "")
    monkeypatch.setattr(folder, "_locked", set())
    monkeypatch.setattr(folder.fcntl, "flock", lambda *arguments: None)  # the first run has been killed
    folder.acquire_lock(tmp_path / "results")
    job = started()
    os.waitpid(job.pid, os.WUNTRACED)
    folder._locked.clear()
    folder.acquire_lock(tmp_path / "results")
    job.send_signal(signal.SIGCONT)
    error = f"Nothing was written: another run in {tmp_path / 'results'} began after the run of this job."
    assert ended(job, tmp_path).endswith(error)
