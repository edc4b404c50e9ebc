"""The folder of the results: where Snakemake's records are, and the lock of a run."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convbias_pipeline.run import folder


def test_records_are_in_the_results_wherever_they_were_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results, state = (tmp_path / name for name in ("results", ".snakemake"))
    (state / "metadata").mkdir(parents=True)
    (state / "metadata" / "before").write_text("{}")
    folder.keep_records(Path("results"), Path(".snakemake"))  # as the Snakefile names them
    (state / "metadata" / "later").write_text("{}")
    assert sorted(os.listdir(results / "records")) == ["before", "later"]
    folder.keep_records(results, state)
    (results / "records" / "later").unlink()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    results.rename(moved / "results")
    folder.keep_records(moved / "results", moved / ".snakemake")
    assert os.listdir(moved / ".snakemake" / "metadata") == ["before"]
    folder.keep_records(results, state)  # which does not exist any more
    assert (state / "metadata").resolve() == results / "records" and (state / "metadata").is_dir()


def test_marks_of_unfinished_files_are_in_the_results_too(tmp_path):
    results, state = (tmp_path / name for name in ("results", ".snakemake"))
    (state / "incomplete" / "@long").mkdir(parents=True)
    (state / "incomplete" / "@long" / "mark").write_text("{}")
    folder.keep_records(results, state)
    assert (state / "incomplete").resolve() == results / "incomplete"
    assert (results / "incomplete" / "@long" / "mark").read_text() == "{}"


def test_the_state_may_be_a_link_to_another_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "another" / "disk").mkdir(parents=True)
    (tmp_path / ".snakemake").symlink_to(tmp_path / "another" / "disk")
    folder.keep_records(Path("results"), Path(".snakemake"))
    (tmp_path / ".snakemake" / "metadata" / "record").write_text("{}")
    assert os.listdir(tmp_path / "results" / "records") == ["record"]


def test_first_runs_may_start_at_once(tmp_path, monkeypatch):
    """Another run makes the links just before this one does."""
    results, state = tmp_path / "results", tmp_path / ".snakemake"
    symlink_to = Path.symlink_to

    def late(path, target):
        symlink_to(path.with_suffix(""), target)
        symlink_to(path, target)

    monkeypatch.setattr(Path, "symlink_to", late)
    folder.keep_records(results, state)
    assert (state / "metadata").resolve() == results / "records"
    assert (state / "incomplete").resolve() == results / "incomplete"
    assert sorted(os.listdir(state)) == ["incomplete", "metadata"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/home/{d}", '"{", which Snakemake reads as a wildcard, and "}", which Snakemake reads as a wildcard'),
        ("/home/a:b", '":", which separates folders in PYTHONPATH'),
    ],
)
def test_a_checkout_whose_path_cannot_be_used_is_refused(path, reason):
    folder.check_name(Path("/home/user/convbias"))
    with pytest.raises(folder.FolderError) as caught:
        folder.check_name(Path(path))
    assert str(caught.value) == f"The path of this checkout, {path}, has {reason}. Rename the folder."


@pytest.fixture(autouse=True)
def _no_run(monkeypatch):
    monkeypatch.setenv(folder.RUN, "")
    monkeypatch.setattr(folder, "_locked", set())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(folder.FolderError, match=r"results cannot be written to \(Not a directory\)"):
        folder.keep_records(tmp_path / "results", tmp_path / ".snakemake")
    with pytest.raises(folder.FolderError, match=r"results cannot be written to \(File exists\)"):
        folder.acquire_lock(tmp_path / "results")


def test_the_lock_admits_one_run_and_ends_with_its_process(tmp_path):
    program = "import sys; from pathlib import Path; from convbias_pipeline.run import folder; "
    program += "folder.acquire_lock(Path(sys.argv[1])); print(); sys.stdout.flush(); input()"
    command = [sys.executable, "-c", program, str(tmp_path)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"\n"
    with pytest.raises(
        folder.FolderError, match=f"Another run is writing to {tmp_path}. Wait until it ends, or run in"
    ):
        folder.acquire_lock(tmp_path)
    other.kill()
    other.communicate()
    folder.acquire_lock(tmp_path)


def test_files_dated_in_the_future_get_the_present_time_in_their_order(tmp_path):
    """Files of the same time keep the same time, and all others keep theirs."""
    now, day = time.time_ns(), 86400 * 10**9
    dates = {"before": now - day, "first": now + day, "second": now + 2 * day, "same": now + 2 * day, "just": now}
    for name, date in dates.items():
        (tmp_path / name[0]).mkdir(exist_ok=True)
        (tmp_path / name[0] / name).touch()
        os.utime(tmp_path / name[0] / name, ns=(date, date))
    (tmp_path / "link").symlink_to("missing")
    folder.correct_future_times(tmp_path)
    times = {name: (tmp_path / name[0] / name).stat().st_mtime_ns for name in dates}
    assert (times["before"], times["just"]) == (dates["before"], dates["just"])
    assert now < times["first"] < times["second"] == times["same"] < time.time_ns()


def test_a_file_whose_time_cannot_be_corrected_is_named(tmp_path, monkeypatch):
    def utime(path, ns):
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "file").touch()
    os.utime(tmp_path / "file", (time.time() + 1000,) * 2)
    monkeypatch.setattr(os, "utime", utime)
    with pytest.raises(folder.FolderError, match=r"/file cannot be written to \(Operation not permitted\)\. Free some"):
        folder.correct_future_times(tmp_path)


def test_a_job_writes_only_until_another_run_begins(tmp_path, monkeypatch):
    """While it writes, no run can begin. Each call of acquire_lock stands for a process, which ends by ``close``."""
    opened, os_open = [], os.open
    monkeypatch.setattr(os, "open", lambda *arguments: opened.append(os_open(*arguments)) or opened[-1])
    folder.acquire_lock(tmp_path)
    job = os.environ[folder.RUN]
    with folder.current_run(tmp_path):
        os.close(opened.pop())  # the run is killed
        folder._locked.clear()
        with pytest.raises(folder.FolderError, match="Another run is writing to"):
            folder.acquire_lock(tmp_path)
    opened.clear()
    with folder.current_run(tmp_path):  # the run is dead, but no other has begun
        pass
    folder._locked.clear()
    folder.acquire_lock(tmp_path)
    with folder.current_run(tmp_path):
        pass
    for ended in (False, True):
        monkeypatch.setenv(folder.RUN, job)
        with (
            pytest.raises(folder.FolderError, match=f"^Nothing was written: another run in {tmp_path} began after"),
            folder.current_run(tmp_path),
        ):
            raise AssertionError
        if not ended:
            os.close(opened.pop())
    (tmp_path / ".lock").unlink()
    with (
        pytest.raises(folder.FolderError, match=f"^Nothing was written: {tmp_path} was removed after this job had"),
        folder.current_run(tmp_path),
    ):
        raise AssertionError
    monkeypatch.delenv(folder.RUN)
    with folder.current_run(tmp_path):  # as a module of another workflow, which has no lock
        pass


def test_a_job_belongs_to_the_nearest_folder_with_a_lock(tmp_path):
    """It is that of a module with a prefix, if a workflow uses this one so."""
    for place in ("results", "results/sub/results"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / folder.LOCK).touch()
    assert folder.of_log(tmp_path / "results/sub/results/logs/train/1.log") == tmp_path / "results/sub/results"
    assert folder.of_log(tmp_path / "results/logs/train/1.log") == tmp_path / "results"
    assert folder.of_log(Path("results/logs/train/1.log")) == Path("results")
