"""The first step of every job: send its output to its log."""

import os
import sys
import traceback
from functools import partial
from types import TracebackType
from typing import IO


def begin_job(log: str) -> None:
    """Send all output of this process, including errors, to its log file."""
    sys.stdout = sys.stderr = open(log, "w", buffering=1)  # noqa: SIM115 (stays open until the process ends)
    sys.excepthook = partial(_report, sys.stderr)


def _report(log: IO[str], kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write an error to the log, or to the terminal if the log cannot be written (full disk)."""
    text = "".join(traceback.format_exception(kind, error, trace))
    if isinstance(error, MemoryError) or "t allocate memory" in str(error):
        text += "The job ran out of memory: lower seeds_per_job.\n"
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    try:
        log.write(text)
        log.flush()
    except OSError:
        os.write(2, text.encode())
        os.dup2(os.open(os.devnull, os.O_WRONLY), log.fileno())  # at exit, Python tries to write the rest again
