"""The last words of a run."""

import io
import logging
import sys

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from convbias_pipeline.run.finish import KILLED, NO_ERROR, Failures, found, show

TRACE = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    hnge()\n    ^^^^\n'
KEPT = "Finished results are kept. Rerun the same command to continue."


def error(rule, *logs, message=None):
    """Snakemake's record of a failed job. A cluster adds a message."""
    record = logging.LogRecord("snakemake", logging.ERROR, "", 0, f"Error in rule {rule}, jobid: 1", (), None)
    record.__dict__.update(event=LogEvent.JOB_ERROR, rule_name=rule, log=[str(log) for log in logs])
    record.__dict__.update(jobid=hash((rule, logs[0])), rule_msg=message)
    return record


def test_a_failure_is_told_once_for_all_jobs_that_it_stops(tmp_path):
    failures = Failures()
    for i in range(24):
        (log := tmp_path / f"{i}.log").write_text(f"step 1 of 9\n{TRACE}NameError: hnge\n\n")
        record = error("train_linear", log)
        command = logging.LogRecord(
            "snakemake", logging.ERROR, "", 0, "RuleException:\nCalledProcessError in", (), None
        )
        assert not failures.filter(command)
        assert failures.filter(record) and record.event is None  # so Snakemake prints one line, not the whole log
    failures.filter(error("train_linear", log))  # a retry of the last job
    (killed := tmp_path / "killed.log").write_text("step 1 of at most 10,000\n")
    failures.filter(error("collect_table", killed))
    failures.filter(error("collect_table", tmp_path / "none.log"))
    assert failures.text().split("\n") == [
        "train_linear: 24 jobs failed: NameError: hnge",
        *(f"  {tmp_path}/{i}.log" for i in range(3)),
        "  and 21 more",
        f"collect_table: 2 jobs failed: {NO_ERROR} {KILLED}",
        f"  {killed}",
        f"  {tmp_path}/none.log",
        KEPT,
    ]


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            f"{TRACE}\nDuring this, another:\n\n{TRACE}ValueError: Delete these files:\n  a\n  b\n",
            "ValueError: Delete these files:\n    a\n    b",
        ),
        ("MNIST download failed on all mirrors:\n  one\n", "MNIST download failed on all mirrors:\n    one"),
        (f"{TRACE}MemoryError: 3 GB\nThe job ran out of memory.\n", "MemoryError: 3 GB\n  The job ran out of memory."),
        ("step 3 of at most 9\n", f"{NO_ERROR} {KILLED}"),
        ("", f"{NO_ERROR} {KILLED}"),
    ],
)
def test_an_error_of_several_lines_is_told_whole(tmp_path, log, told):
    (tmp_path / "one.log").write_text(log)
    failures = Failures()
    failures.filter(error("collect_table", tmp_path / "one.log"))
    assert failures.text() == f"collect_table: 1 job failed: {told}\n  {tmp_path}/one.log\n{KEPT}"


def test_the_reason_that_a_cluster_gives_is_told(tmp_path):
    """Each try has a log of SLURM of its own."""
    failures, message = Failures(), "SLURM-job '7' failed, SLURM status is: 'TIMEOUT'."
    for number in range(2):
        record = error("train_linear", tmp_path / "one.log", tmp_path / f"slurm{number}.log", message=message)
        assert failures.filter(record)
        assert record.getMessage() == f"Error in rule train_linear, jobid: 1: {message}"
    reason = f"its log ends without an error. {message}"
    files = f"{tmp_path}/one.log, {tmp_path}/slurm1.log"
    assert failures.text() == f"train_linear: 1 job failed: {reason}\n  {files}\n{KEPT}"


def test_after_ctrl_c_no_job_is_blamed(tmp_path):
    failures = Failures()
    text = "Terminating processes on user request, this might take some time."
    assert failures.filter(logging.LogRecord("snakemake", logging.INFO, "", 0, text, (), None))
    failures.filter(error("train_linear", tmp_path / "none.log"))
    assert failures.text() == KEPT
    assert Failures().text() == KEPT


def test_a_finished_run_names_its_page_its_verdicts_and_its_time(tmp_path):
    assert found(tmp_path, 3) == ""
    (tmp_path / "claims.md").write_text(
        "**Of 2 claims of own, 1 holds and 1 fails.** Both theorems hold.\n\n| claim |\n"
    )
    sentence = "- Of 2 claims of own, 1 holds and 1 fails. Both theorems hold.\n"
    assert found(tmp_path, 3.2) == f"{sentence}Finished in 0 min 3 s. Open {tmp_path}/claims.html"
    (tmp_path / "index.html").touch()
    assert found(tmp_path, 366) == f"{sentence}Finished in 6 min 6 s. Open {tmp_path}/index.html"


def test_a_terminal_without_unicode_gets_escape_sequences(monkeypatch):
    """Python prints so if the locale is C."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="surrogateescape"))
    show("ValueError: bins ≥ 3")
    sys.stdout.flush()
    assert sys.stdout.buffer.getvalue() == b"ValueError: bins \\u2265 3\n"
