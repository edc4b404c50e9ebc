"""Find results that Snakemake would wrongly take for current, and let it make them again.

Snakemake takes a file without a provenance record for current. A job in flight leaves such a file if Snakemake is
killed, and so does copying a single file. Snakemake makes files again that are marked as incomplete.
"""

import ast
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

from convbias_pipeline.run.folder import not_writable
from convbias_pipeline.store.files import read_provenance

NO_RESULTS = {"records", "incomplete", "logs", "benchmarks", "mnist"}  # folders with files that are no results


def mark(results: Path, state: Path) -> None:
    """Mark files as incomplete that have no record, and tables that are damaged or not those of their record.

    Args:
        results: the folder of the results, relative to the working directory, as in the outputs of the rules.
        state: Snakemake's folder, with its records in ``metadata`` and its marks in ``incomplete``.

    Raises:
        FolderError: a mark cannot be written.
    """
    for file in _files(results):
        place = entry(state / "incomplete", str(file))
        # In this order: a job that ends meanwhile gets its record before it loses its mark.
        if not place.exists() and not _recorded(file, entry(state / "metadata", str(file))):
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(json.dumps({"external_jobid": None}))
            except OSError as problem:
                raise not_writable(results, problem) from None


def entry(folder: Path, file: str) -> Path:
    """The path of Snakemake's record or mark of a file. A name that is too long becomes several folders."""
    name, longest = urlsafe_b64encode(file.encode()).decode(), os.pathconf(folder, "PC_NAME_MAX") - 1
    *folders, last = (name[start : start + longest] for start in range(0, len(name), longest))
    return folder.joinpath(*(f"@{part}" for part in folders), last)


def _files(results: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(results):
        if Path(folder) == results:
            folders[:] = [name for name in folders if name not in NO_RESULTS]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _recorded(file: Path, record: Path) -> bool:
    """Whether a file has a complete record, and is the one that it describes if it is a table."""
    try:
        content = record.read_bytes()
    except FileNotFoundError:
        return False
    if not content.endswith(b"}"):  # Snakemake was killed while it wrote the record
        return False
    if file.parent.name != "tables":
        return True
    try:
        made_by = read_provenance(str(file)).get("configuration")
    except ValueError:
        return False
    return any(ast.literal_eval(params) == made_by for params in json.loads(content).get("params") or ())
