"""Write and read the pipeline's files. A file has its complete content, or it does not exist."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from convbias_pipeline.store.provenance import other_job

Params = dict[str, Any]

KEY = b"convbias"  # metadata key of a table's provenance
CHECKSUM = b"convbias.sha256"  # metadata key of the checksum, which is computed with NO_CHECKSUM in its place
NO_CHECKSUM = b"0" * 64
ROWS_VERSION = 1  # raise it with a change of this module that changes rows: then all jobs run again


@contextmanager
def _allow(temp_path: Path, path: Path) -> Iterator[None]:
    yield


# Entered while a file is replaced. A job sets its own guard, which raises if the job must not write.
guard: Callable[[Path, Path], AbstractContextManager[None]] = _allow


class ForeignFileError(ValueError):
    """A file of this pipeline that another job made."""


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path``. Once it is completely on disk, it replaces ``path``.

    After an error, the temporary file is deleted. So are those that a killed process has left.

    Raises:
        OSError: the file could not be written, for example because the disk is full. The message names the file.
    """
    path = Path(path)
    temp_path = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temp_path
        with open(temp_path, "rb") as file:
            os.fsync(file.fileno())
        with guard(temp_path, path):
            temp_path.replace(path)
            for leftover in path.parent.glob(f".{path.name}.*.part"):
                leftover.unlink(missing_ok=True)
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise OSError(
            f"Could not write {path}: {reason[0].lower()}{reason[1:]}. Free some space or check the permissions, and "
            "rerun; finished results are kept."
        ) from None
    finally:
        temp_path.unlink(missing_ok=True)


def write_table(table: Any, path: str, provenance: dict[str, Any]) -> None:
    """Write an Arrow table as Parquet. The metadata holds the provenance and a checksum of the whole file."""
    write_tables(table.schema, [table], path, lambda: provenance)


def write_tables(schema: Any, tables: Iterable[Any], path: str, provenance: Callable[[], dict[str, Any]]) -> None:
    """Write Arrow tables of one schema as the row groups of one file. ``provenance`` is called after the last table."""
    import pyarrow.parquet as pq

    with atomic_write(path) as temp_path:
        with (
            temp_path.open("wb") as file,
            pq.ParquetWriter(file, schema.remove_metadata(), compression="zstd") as writer,
        ):
            for table in tables:
                if table.num_rows:
                    writer.write_table(table.replace_schema_metadata())
            writer.add_key_value_metadata({KEY: json.dumps(provenance(), sort_keys=True), CHECKSUM: NO_CHECKSUM})
        with temp_path.open("r+b") as written:
            place, _, checksum = _checksum(written)
            written.seek(place)
            written.write(checksum)


def read_table(
    path: str, experiments: Collection[str] | None = None, expected: Params | None = None
) -> tuple[Any, dict[str, Any]]:
    """An Arrow table and its provenance; with ``experiments``, only the rows of these, if rows have experiments.

    The memory then holds these rows and one row group.

    Raises:
        ValueError: the file is damaged, was not written by this pipeline, or was made by a job with other params than
            those in ``expected``. The message names the file.
    """
    import pyarrow as pa

    with _opened(path, expected) as parquet:
        provenance = json.loads(parquet.metadata.metadata[KEY])
        if experiments is None or "experiment" not in parquet.schema_arrow.names:
            return parquet.read(use_threads=False), provenance
        groups = [parquet.schema_arrow.empty_table(), *_groups(parquet, experiments)]
        return pa.concat_tables(groups).unify_dictionaries(), provenance


def read_expected(paths: Iterable[tuple[str, str]], expected: Mapping[str, Params]) -> dict[str, Any]:
    """The tables that a job reads, given as pairs of name and path. ``expected`` has the params of their jobs.

    Raises:
        ValueError: tables are damaged, or were made by other jobs; the message names each of them.
    """
    return _all(paths, lambda name, path: read_table(path, None, expected[name])[0])


def read_provenance(path: str, expected: Params | None = None) -> dict[str, Any]:
    """A table's provenance, without its rows. It needs no library, so a bare Snakemake can look for shards.

    Raises:
        ValueError: see ``read_table``.
    """
    try:
        with open(path, "rb") as file:
            _check_content(file)
            provenance = dict(json.loads(_metadata(file, KEY)))
    except (OSError, ValueError) as problem:
        raise _not_ours(path, problem) from None
    _check_job(path, provenance, expected)
    return provenance


def read_provenances(paths: Iterable[tuple[str, str]], expected: Mapping[str, Params]) -> dict[str, dict[str, Any]]:
    """Like ``read_expected``, but the provenance of each table, without its rows."""
    return _all(paths, lambda name, path: read_provenance(path, expected[name]))


def read_frames(
    paths: Iterable[tuple[str, str]], experiments: Collection[str], expected: Mapping[str, Params]
) -> dict[str, Any]:
    """Like ``read_expected``, but the rows of some experiments as data frames."""
    return _all(paths, lambda name, path: read_table(path, experiments, expected[name])[0].to_pandas())


def stream_frames(
    paths: Iterable[tuple[str, str]], experiments: Collection[str], expected: Mapping[str, Params]
) -> dict[str, Iterator[Any]]:
    """Like ``read_frames``, but each table is an iterator of frames, which reads one row group at a time."""

    def frames(name: str, path: str) -> Iterator[Any]:
        with _opened(path, expected[name]) as parquet:
            for group in _groups(parquet, experiments):
                yield group.to_pandas()

    pairs = list(paths)
    read_provenances(pairs, expected)  # refuses all wrong files at once, and before the first row is read
    return {name: frames(name, path) for name, path in pairs}


def _all(paths: Iterable[tuple[str, str]], read: Callable[[str, str], Any]) -> dict[str, Any]:
    """What ``read`` returns for each name and path; if it refuses some, an error that names all of these."""
    found, errors = {}, []
    for name, path in paths:
        try:
            found[name] = read(name, path)
        except ValueError as problem:
            errors.append(str(problem))
    if errors:
        head = "Cannot use these files: they are damaged or come from other jobs. Delete them and run snakemake again:"
        raise ValueError("\n".join([head, *errors]))
    return found


@contextmanager
def _opened(path: str, expected: Params | None = None) -> Iterator[Any]:
    """Open a Parquet file whose content is unchanged since it was written, by a job with the expected params."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open(path, "rb") as file:
            _check_content(file)
            with pq.ParquetFile(file, pre_buffer=False) as parquet:
                _check_job(path, json.loads(parquet.metadata.metadata[KEY]), expected)
                yield parquet
    except ForeignFileError:
        raise
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        raise _not_ours(path, problem) from None


def _check_job(path: str, provenance: dict[str, Any], expected: Params | None) -> None:
    if expected is not None and (error := other_job(path, provenance.get("configuration", {}), expected)):
        raise ForeignFileError(error)


def _not_ours(path: str, problem: Exception) -> ValueError:
    return ValueError(
        f"{path} failed its checksum or was not written by this pipeline ({problem}). Delete it and run again."
    )


def _groups(parquet: Any, experiments: Collection[str]) -> Iterator[Any]:
    """The rows of some experiments, by row group. Row groups that cannot contain any are not read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column, requested = parquet.schema_arrow.names.index("experiment"), pa.array(experiments, pa.string())
    for number in range(parquet.num_row_groups):
        held = parquet.metadata.row_group(number).column(column).statistics
        if any(held.min <= name <= held.max for name in experiments):
            rows = parquet.read_row_group(number, use_threads=False)
            yield rows.filter(pc.is_in(rows["experiment"].cast(pa.string()), requested))


def _check_content(file: IO[bytes]) -> None:
    _, stored, checksum = _checksum(file)
    if stored != checksum:
        raise ValueError("the content differs from what was written")


def _metadata(file: IO[bytes], key: bytes) -> bytes:
    """The value of a metadata key in the footer of a Parquet file. Both are texts of Thrift's compact protocol.

    A text has its type (8, with 1 in the upper half of the byte for the next field), its length and its bytes. Each
    byte of a length has seven bits, the lowest first; all but the last have the eighth bit set.
    """
    end = file.seek(-8, os.SEEK_END)
    file.seek(end - int.from_bytes(file.read(4), "little"))
    _, found, rest = file.read().partition(b"\x18" + bytes([len(key)]) + key + b"\x18")
    if not found:
        raise ValueError(f"it has no {key.decode()}")
    size = next(place for place, byte in enumerate(rest) if byte < 128) + 1
    length = sum((byte & 127) << 7 * place for place, byte in enumerate(rest[:size]))
    return rest[size : size + length]


def _checksum(file: IO[bytes]) -> tuple[int, bytes, bytes]:
    """The position of the checksum in a Parquet file, the stored checksum, and the computed one.

    Raises:
        ValueError: the file has no checksum.
    """
    end = file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")  # of the footer
    start = file.seek(end - length)
    place = start + file.read(length).index(CHECKSUM) + len(CHECKSUM) + 2  # after the value's type and length
    total = sha256()
    file.seek(0)
    for chunk in _chunks(file, place):
        total.update(chunk)
    stored = file.read(len(NO_CHECKSUM))
    total.update(NO_CHECKSUM)
    for chunk in _chunks(file, end + 8 - file.tell()):
        total.update(chunk)
    return place, stored, total.hexdigest().encode()


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The next ``size`` bytes, in chunks."""
    while size > 0 and (chunk := file.read(min(size, 2**20))):
        size -= len(chunk)
        yield chunk
