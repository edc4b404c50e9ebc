"""Find results that Snakemake would wrongly take for current, and let it make them again.

Snakemake takes a file without a provenance record for current. A job in flight leaves such a file if Snakemake is
killed, and so does copying a single file. Snakemake makes files again that are marked as incomplete.
"""

import ast
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from convbias_pipeline.run.folder import not_writable
from convbias_pipeline.store.files import read_provenance

SIGNATURES = "signatures"  # the folder of what ``sign`` writes
NO_RESULTS = {
    "records",
    "incomplete",
    SIGNATURES,
    "logs",
    "benchmarks",
    "mnist",
}  # folders with files that are no results
UNSIGNED = {"report.html"}  # files that no job writes


def mark(results: Path, state: Path) -> None:
    """Mark files as incomplete that have no record, and tables, figures and pages that are not those of their record.

    Args:
        results: the folder of the results, relative to the working directory, as in the outputs of the rules.
        state: Snakemake's folder, with its records in ``metadata`` and its marks in ``incomplete``.

    Raises:
        FolderError: a mark cannot be written.
    """
    for file in _files(results):
        place = entry(state / "incomplete", str(file))
        # In this order: a job that ends meanwhile gets its record before it loses its mark.
        if not place.exists() and not _recorded(file, state, results):
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(json.dumps({"external_jobid": None}), encoding="utf-8")
            except OSError as problem:
                raise not_writable(results, problem) from None


def sign(results: Path, path: Path, content: Path, params: dict[str, Any]) -> None:
    """Note the digest of a file that is about to be written, and the params of its job.

    A table holds its checksum and these params. A figure or a page cannot.
    """
    (results / SIGNATURES).mkdir(parents=True, exist_ok=True)
    text = json.dumps({"sha256": sha256(content.read_bytes()).hexdigest(), "params": repr(params)})
    place = entry(results / SIGNATURES, str(path))
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")


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


def _recorded(file: Path, state: Path, results: Path) -> bool:
    """Whether a file has a complete record, and is the one that it describes."""
    try:
        content = entry(state / "metadata", str(file)).read_bytes()
    except FileNotFoundError:
        return False
    if not content.endswith(b"}"):  # Snakemake was killed while it wrote the record
        return False
    if file.name in UNSIGNED or (file.suffix == ".parquet" and file.parent.name != "tables"):
        return True  # its readers compare it with its job
    try:
        made_by = _signed(file, results) if file.suffix != ".parquet" else read_provenance(str(file))["configuration"]
    except (KeyError, OSError, ValueError):
        return False
    recorded = [ast.literal_eval(params) for params in json.loads(content).get("params") or ()]
    return made_by in recorded or not made_by


def _signed(file: Path, results: Path) -> Any:
    """The params of the job that wrote a file.

    Raises:
        ValueError: the file is not the one that was signed.
    """
    signature = json.loads(entry(results / SIGNATURES, str(file)).read_text(encoding="utf-8"))
    if signature["sha256"] != sha256(file.read_bytes()).hexdigest():
        raise ValueError(f"{file} differs from what its job wrote")
    return ast.literal_eval(signature["params"])
