"""The first step of every job: send its output to its log, and write only what its run expects."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from convbias_pipeline.run import folder, sources, unrecorded
from convbias_pipeline.store import files

PREAMBLE_END = b"preamble end #########\n"  # before it, Snakemake inserts code into a script


class CodeError(RuntimeError):
    """A job runs other code than its run expects."""


def begin_job(snakemake: Any) -> None:
    """Send all output of this process, including errors, to its log file. From now on, guard the files that it writes.

    Call it before the core is imported, so that the sources of its modules are kept.
    """
    options: dict[str, Any] = {"buffering": 1, "encoding": "utf-8", "errors": "backslashreplace"}
    sys.stdout = sys.stderr = open(snakemake.log[0], "w", **options)  # noqa: SIM115 (open until the process ends)
    sys.excepthook = partial(_report, sys.stderr)
    sources.follow()
    script = Path(sys.argv[0])  # Snakemake's copy: tmp1234.train_linear.py
    name, source = script.suffixes[-2][1:], script.read_bytes().partition(PREAMBLE_END)[2]
    params, results = snakemake.params.get("job_params", {}), folder.of_log(Path(snakemake.log[0]))
    files.guard = partial(_guard, Path(snakemake.scriptdir), name, source, params, results)


@contextmanager
def _guard(
    scripts: Path, script: str, source: bytes, params: dict[str, Any], results: Path, temp_path: Path, path: Path
) -> Iterator[None]:
    """Allow the replacement of a file if the job belongs to the current run and has run the expected code.

    A file that cannot hold the params of its job is signed.

    Raises:
        CodeError: other code than the run expects was loaded.
        FolderError: another run has begun since.
    """
    if not scripts.samefile(sources.SCRIPTS) or sources.foreign():
        found = "; ".join(sources.foreign()) or f"convbias_pipeline from {sources.SCRIPTS}"
        raise CodeError(
            f"Nothing was written: this job belongs to {scripts}, but has loaded {found}. Unset PYTHONPATH."
        )
    if code := params.get("code"):
        from convbias_pipeline.jobs import fingerprint

        loaded = {**sources.loaded, f"{script}.py": source}
        if now := fingerprint.changed(code, script, fingerprint.Sources(sources.SCRIPTS, loaded)):
            raise CodeError(
                f"Nothing was written: the code of {script} changed after the run had begun (its hash was "
                f"{code[:16]} and is now {now}). Run the same command again."
            )
    with folder.current_run(results):
        if path.suffix != ".parquet":
            unrecorded.sign(results, path, temp_path, params)
        yield


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
