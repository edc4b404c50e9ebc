"""The last words of a run: what it found, or which jobs failed and why."""

import logging
import re
import sys
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from convbias_pipeline.report.fill import verdicts

INTERRUPTED = "Terminating processes on user request"  # Snakemake's message after Ctrl-C
NO_ERROR = "its log ends without an error."
KILLED = "It was killed, probably for lack of memory: lower seeds_per_job."
EXCEPTION = "RuleException:\nCalledProcessError"  # before the message on a job: the command of its script
TRACEBACK = "Traceback (most recent call last):\n"
PROGRESS = re.compile(r"step [\d,]+ of|[\d.]+ s of CPU")
MOST = 20  # lines of an error
SHOWN = 3  # failed jobs of one rule and one error whose logs are named


class Failures(logging.Filter):
    """Shortens Snakemake's message on each failed job to one line, and keeps what ``text`` tells of all at the end.

    The line has the message of the cluster, if there is one.

    Without it, an error that all jobs of a rule make is told with all file names and its whole log for each of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[int, dict[str, Any]] = {}  # Snakemake's record of each failed job; a retry has the same number
        self.interrupted = False

    def filter(self, record: logging.LogRecord) -> bool:
        self.interrupted |= INTERRUPTED in str(record.msg)
        if getattr(record, "event", None) == LogEvent.JOB_ERROR:
            fields = record.__dict__
            self.jobs[fields["jobid"]] = {**fields}
            fields["event"] = None
            record.msg = ": ".join(filter(None, [str(record.msg), fields["rule_msg"]]))
        return not str(record.msg).startswith(EXCEPTION)

    def text(self) -> str:
        """The failed jobs by rule and by their error, and what to do."""
        kept = "Finished results are kept. Rerun the same command to continue."
        if self.interrupted:
            return kept
        groups: dict[tuple[str, str], list[str]] = {}
        for job in self.jobs.values():
            reason = _error(job["log"]) or f"{NO_ERROR} {job['rule_msg'] or KILLED}"
            groups.setdefault((job["rule_name"], reason), []).append(", ".join(job["log"]))
        lines = []
        for (rule, reason), files in groups.items():
            lines.append(f"{rule}: {len(files)} job{'s' * (len(files) > 1)} failed: {reason}")
            lines += [f"  {file}" for file in files[:SHOWN]]
            lines += [f"  and {len(files) - SHOWN} more"] * (len(files) > SHOWN)
        return "\n".join([*lines, kept])


def _error(logs: list[str]) -> str | None:
    """The error in the logs of a failed job: what follows the last traceback, or else all but its progress."""
    for log in logs:
        text = Path(log).read_text(encoding="utf-8", errors="replace") if Path(log).is_file() else ""
        lines = [line for line in text.rpartition(TRACEBACK)[2].split("\n") if line and not PROGRESS.match(line)]
        if TRACEBACK in text:
            lines = lines[next((i for i, line in enumerate(lines) if line[0] != " "), 0) :]
        if lines:
            return "\n  ".join(lines[:MOST])
    return None


def found(results: Path, seconds: float) -> str:
    """The page of a finished run, its verdicts and its time. Without claims, as after a download, it is empty."""
    claims, page = results / "claims.md", results / "index.html"
    if not claims.is_file():
        return ""
    counted = verdicts(claims.read_text(encoding="utf-8")).replace("**", "")
    minutes, rest = divmod(round(seconds), 60)
    where = page if page.is_file() else results / "claims.html"
    return f"{counted}Finished in {minutes} min {rest} s. Open {where.resolve()}"


def show(text: str) -> None:
    """Print a text. Characters that the terminal cannot show become escape sequences."""
    encoding = sys.stdout.encoding
    print(text.encode(encoding, "backslashreplace").decode(encoding))
