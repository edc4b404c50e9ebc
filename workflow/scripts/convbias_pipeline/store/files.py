"""Write and read the pipeline's files, so that a name either holds a whole result or does not exist."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
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
    write_tables(table.schema, [table], path, lambda: provenance)


def write_tables(schema: Any, tables: Iterable[Any], path: str, provenance: Callable[[], dict[str, Any]]) -> None:
    """Write Arrow tables of one schema as the row groups of one file; ``provenance`` is asked for after the last."""
    import pyarrow.parquet as pq

    with whole(path) as beside:
        with beside.open("wb") as file, pq.ParquetWriter(file, schema.remove_metadata(), compression="zstd") as writer:
            for table in tables:
                if table.num_rows:
                    writer.write_table(table.replace_schema_metadata())
            writer.add_key_value_metadata({KEY: json.dumps(provenance(), sort_keys=True), DIGEST: UNSEALED})
        with beside.open("r+b") as written:
            place, _, digest = _seal(written)
            written.seek(place)
            written.write(digest)


def read_table(path: str, experiments: Collection[str] | None = None) -> tuple[Any, dict[str, Any]]:
    """An Arrow table and its provenance; of some experiments alone, where its rows are of experiments.

    Then no more is held than these rows and a row group.

    Raises:
        ValueError: the file cannot be read, has a bit that was not written, or was not written here; it is named.
    """
    import pyarrow as pa

    with _opened(path) as parquet:
        origin = json.loads(parquet.metadata.metadata[KEY])
        if experiments is None or "experiment" not in parquet.schema_arrow.names:
            return parquet.read(use_threads=False), origin
        groups = [parquet.schema_arrow.empty_table(), *_groups(parquet, experiments)]
        return pa.concat_tables(groups).unify_dictionaries(), origin


def read_origin(path: str) -> dict[str, Any]:
    """A table's provenance alone."""
    with _opened(path) as parquet:
        return dict(json.loads(parquet.metadata.metadata[KEY]))


def read_frames(paths: Iterable[tuple[str, str]], experiments: Collection[str]) -> dict[str, Any]:
    """What tables, given as pairs of name and path, have of some experiments, as pandas has it."""
    return {name: read_table(path, experiments)[0].to_pandas() for name, path in paths}


def stream_frames(paths: Iterable[tuple[str, str]], experiments: Collection[str]) -> dict[str, Iterator[Any]]:
    """The same as frames of the rows of one row group each, which are read one after the other."""

    def frames(path: str) -> Iterator[Any]:
        with _opened(path) as parquet:
            for group in _groups(parquet, experiments):
                yield group.to_pandas()

    return {name: frames(path) for name, path in paths}


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """A Parquet file that holds what was written, opened."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(path, "rb") as file:
            _, seal, digest = _seal(file)
            if seal != digest:
                raise ValueError("it does not hold what was written")
            # pq.read_table would import pandas, .25 s in every job
            with pq.ParquetFile(file, pre_buffer=False) as parquet:
                yield parquet
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} is damaged or was not written by this pipeline ({problem}); delete it and run again"
        ) from None


def _groups(parquet: Any, experiments: Collection[str]) -> Iterator[Any]:
    """The rows of some experiments, by row group; those that cannot have any are left on the disk."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column, wanted = parquet.schema_arrow.names.index("experiment"), pa.array(experiments, pa.string())
    for number in range(parquet.num_row_groups):
        held = parquet.metadata.row_group(number).column(column).statistics
        if any(held.min <= name <= held.max for name in experiments):
            rows = parquet.read_row_group(number, use_threads=False)
            yield rows.filter(pc.is_in(rows["experiment"].cast(pa.string()), wanted))


def _seal(file: IO[bytes]) -> tuple[int, bytes, bytes]:
    """Where in a Parquet file its digest stands, what stands there, and what the digest is.

    Raises:
        ValueError: there is no such place.
    """
    end = file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")  # of the footer
    start = file.seek(end - length)
    place = start + file.read(length).index(DIGEST) + len(DIGEST) + 2  # after the value's type and length
    total = sha256()
    file.seek(0)
    for part in _chunks(file, place):
        total.update(part)
    seal = file.read(len(UNSEALED))
    total.update(UNSEALED)
    for part in _chunks(file, end + 8 - file.tell()):
        total.update(part)
    return place, seal, total.hexdigest().encode()


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The next ``size`` bytes, a few at a time."""
    while size > 0 and (part := file.read(min(size, 2**20))):
        size -= len(part)
        yield part
