"""Write and read the pipeline's files, so that a name either holds a whole result or does not exist."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

KEY = b"convbias"


def begin_job(log: str, pandas: bool = False) -> None:
    """Send all that this process prints, errors included, to its log file; without pandas unless it is wanted."""
    if not pandas:
        sys.meta_path.insert(0, _WithoutPandas())
    sys.stdout = sys.stderr = open(log, "w", buffering=1)  # noqa: SIM115 (open until the process ends)


class _WithoutPandas(MetaPathFinder):
    """pyarrow imports pandas to build an array, a quarter of a second a job, and does without where that fails."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("this job does without pandas", name=fullname)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; it takes the place of ``path`` once all of it is on disk, or vanishes."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(table: Any, path: str, provenance: dict[str, Any]) -> None:
    """Write an Arrow table as Parquet, with its provenance in the file's metadata."""
    import pyarrow.parquet as pq

    metadata = {KEY: json.dumps(provenance, sort_keys=True).encode()}
    with whole(path) as beside:
        pq.write_table(table.replace_schema_metadata(metadata), beside, compression="zstd")


def read_table(path: str) -> tuple[Any, dict[str, Any]]:
    """An Arrow table and its provenance.

    Raises:
        ValueError: the file cannot be read or was not written here; it is named.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:  # pq.read_table would import pandas, a quarter of a second in every job
            table = file.read()
        return table, json.loads(table.schema.metadata[KEY])
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} is damaged or was not written by this pipeline ({problem}); delete it and run again"
        ) from None
