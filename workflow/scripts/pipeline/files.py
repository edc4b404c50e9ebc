"""Write and read the pipeline's files, so that a name either holds a whole result or does not exist."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import TracebackType
from typing import IO, Any

KEY = b"convbias"  # of a table's provenance
DIGEST = b"convbias.sha256"  # of its file, with UNSEALED in the digest's own place
UNSEALED = b"0" * 64


def begin_job(log: str, pandas: bool = False) -> None:
    """Send all that this process prints, errors included, to its log file; without pandas unless it is wanted."""
    if not pandas:
        sys.meta_path.insert(0, _WithoutPandas())
    sys.stdout = sys.stderr = open(log, "w", buffering=1)  # noqa: SIM115 (open until the process ends)
    sys.excepthook = partial(_report, sys.stderr)


def _report(log: IO[str], kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write an error to the log, or to the terminal where the log can take no more, as on a full disk."""
    text = "".join(traceback.format_exception(kind, error, trace))
    if isinstance(error, MemoryError) or "t allocate memory" in str(error):
        text += "The job ran out of memory: a smaller seeds_per_job needs less.\n"
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    try:
        log.write(text)
        log.flush()
    except OSError:
        os.write(2, text.encode())
        os.dup2(os.open(os.devnull, os.O_WRONLY), log.fileno())  # takes what is left, which is tried again at exit


class _WithoutPandas(MetaPathFinder):
    """pyarrow imports pandas to build an array, a quarter of a second a job, and does without where that fails."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("this job does without pandas", name=fullname)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; it takes the place of ``path`` once all of it is on disk, or vanishes.

    What a killed process left beside ``path`` vanishes too.

    Raises:
        OSError: it was not written, as on a full disk; it is named.
    """
    path = Path(path)
    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else problem
        raise OSError(f"{path} was not written ({reason}); mend that and run again, what is finished stays") from None
    finally:
        beside.unlink(missing_ok=True)


def write_table(table: Any, path: str, provenance: dict[str, Any]) -> None:
    """Write an Arrow table as Parquet, with its provenance and a digest of the whole file in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata = {KEY: json.dumps(provenance, sort_keys=True), DIGEST: UNSEALED}
    buffer = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), buffer, compression="zstd")
    content = buffer.getvalue().to_pybytes()
    with whole(path) as beside:
        beside.write_bytes(content.replace(UNSEALED, sha256(content).hexdigest().encode()))


def read_table(path: str) -> tuple[Any, dict[str, Any]]:
    """An Arrow table and its provenance.

    Raises:
        ValueError: the file cannot be read, has a bit that was not written, or was not written here; it is named.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = Path(path).read_bytes()
        with pq.ParquetFile(pa.BufferReader(content)) as file:  # pq.read_table would import pandas, .25 s in every job
            table = file.read()
        origin, seal = (table.schema.metadata[key] for key in (KEY, DIGEST))
        if sha256(content.replace(seal, UNSEALED)).hexdigest().encode() != seal:
            raise ValueError("it does not hold what was written")
        return table, json.loads(origin)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} is damaged or was not written by this pipeline ({problem}); delete it and run again"
        ) from None
