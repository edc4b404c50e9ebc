"""Write and read the pipeline's files, so that a name either holds a whole result or does not exist."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

KEY = b"convbias"  # of a table's provenance
CHECKSUM = b"convbias.sha256"  # of its file, with NO_CHECKSUM in the digest's own place
NO_CHECKSUM = b"0" * 64


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; it takes the place of ``path`` once all of it is on disk, or vanishes.

    What a killed process left beside ``path`` vanishes too.

    Raises:
        OSError: it was not written, as on a full disk; it is named.
    """
    path = Path(path)
    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)
    temp_path = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temp_path
        with open(temp_path, "rb") as file:
            os.fsync(file.fileno())
        temp_path.replace(path)
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise OSError(
            f"Could not write {path}: {reason[0].lower()}{reason[1:]}. Free some space or check the permissions, and rerun; "
            "finished results are kept."
        ) from None
    finally:
        temp_path.unlink(missing_ok=True)


def write_table(table: Any, path: str, provenance: dict[str, Any]) -> None:
    """Write an Arrow table as Parquet, with its provenance and a digest of the whole file in the file's metadata."""
    write_tables(table.schema, [table], path, lambda: provenance)


def write_tables(schema: Any, tables: Iterable[Any], path: str, provenance: Callable[[], dict[str, Any]]) -> None:
    """Write Arrow tables of one schema as the row groups of one file; ``provenance`` is asked for after the last."""
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


def read_provenance(path: str) -> dict[str, Any]:
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
            _, stored, checksum = _checksum(file)
            if stored != checksum:
                raise ValueError("the content differs from what was written")
            with pq.ParquetFile(file, pre_buffer=False) as parquet:
                yield parquet
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} failed its checksum or was not written by this pipeline ({problem}). Delete it and run again."
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


def _checksum(file: IO[bytes]) -> tuple[int, bytes, bytes]:
    """Where in a Parquet file its digest stands, what stands there, and what the digest is.

    Raises:
        ValueError: there is no such place.
    """
    end = file.seek(-8, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")  # of the footer
    start = file.seek(end - length)
    place = start + file.read(length).index(CHECKSUM) + len(CHECKSUM) + 2  # after the value's type and length
    total = sha256()
    file.seek(0)
    for part in _chunks(file, place):
        total.update(part)
    stored = file.read(len(NO_CHECKSUM))
    total.update(NO_CHECKSUM)
    for part in _chunks(file, end + 8 - file.tell()):
        total.update(part)
    return place, stored, total.hexdigest().encode()


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The next ``size`` bytes, a few at a time."""
    while size > 0 and (part := file.read(min(size, 2**20))):
        size -= len(part)
        yield part
