"""The numbers of a run that its reference publishes, and that ``verify`` compares.

``python -m convbias_pipeline.report.reference RESULTS REFERENCE`` writes them into the folder REFERENCE.
"""

import io
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from convbias_pipeline.store.files import atomic_write, read_table

DIGITS = 6  # of the published numbers
LONGEST = 1000  # rows of a figure; of a longer one, the reference has rows at even distances
SUB_TEST = ["name", "estimate", "low", "high", "cases", "violations", "outcome"]
NOT_PUBLISHED = ["system", "memory"]  # items of the environment that do not matter for the numbers


@dataclass(frozen=True)
class Numbers:
    """The rounded numbers of a run.

    Args:
        figures: the data of each figure.
        claims: a row for each sub-test of each claim, with the verdict on the claim. A claim without sub-tests has one.
        digests: the number of rows and the digest of each table (of its rows) and of each figure (of its file).
        environment: items and values of the code, the libraries and the machine.
    """

    figures: Mapping[str, pd.DataFrame]
    claims: pd.DataFrame
    digests: pd.DataFrame
    environment: pd.DataFrame


def of_run(results: Path) -> Numbers:
    """The numbers of a finished run, from its folder ``results``.

    Raises:
        ValueError: the run is not finished; the message names the missing file.
    """
    try:
        claims = read_table(str(results / "tables/claims.parquet"))[0].to_pylist()
        environment = pd.read_csv(results / "environment.csv", dtype=str)
    except (OSError, ValueError) as problem:
        raise ValueError(f"{results} has no finished run ({problem}). Run `make` first.") from None
    tables = sorted((results / "tables").glob("*.parquet"))
    figures = sorted((results / "figures").glob("*.csv"))
    return Numbers(
        {path.stem: rounded(pd.read_csv(path)) for path in figures},
        rounded(sub_tests(claims)),
        pd.DataFrame([*map(_table_digest, tables), *map(_figure_digest, figures)], columns=["file", "rows", "digest"]),
        _published(environment, results / "datasets/digits.txt"),
    )


def write(numbers: Numbers, folder: Path) -> None:
    """Write the numbers of a run into a folder, in place of those that are there."""
    shutil.rmtree(folder / "figures", ignore_errors=True)
    (folder / "figures").mkdir(parents=True)
    frames = {f"figures/{name}": thinned(frame) for name, frame in numbers.figures.items()}
    frames |= {"claims": numbers.claims, "digests": numbers.digests, "environment": numbers.environment}
    for name, frame in frames.items():
        with atomic_write(folder / f"{name}.csv") as temp_path:
            temp_path.write_text(_csv(frame), encoding="utf-8")


def read(folder: Path) -> Numbers:
    """The numbers that ``write`` wrote.

    Raises:
        ValueError: the folder has no reference; the message names the missing file.
    """
    try:
        claims, digests = (pd.read_csv(folder / f"{name}.csv") for name in ("claims", "digests"))
        environment = pd.read_csv(folder / "environment.csv", dtype=str)
    except OSError as problem:
        raise ValueError(
            f"{folder} has no reference ({problem}). Write it from a finished run: `make gallery`."
        ) from None
    figures = {path.stem: pd.read_csv(path) for path in sorted((folder / "figures").glob("*.csv"))}
    return Numbers(figures, claims, digests, environment)


def sub_tests(claims: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows of ``Numbers.claims``, from those of the table of claims."""
    return pd.DataFrame(
        {
            "id": claim["id"],
            "verdict": claim["verdict"],
            "robust": claim["robust"],
            **{key: one.get(key) for key in SUB_TEST},
        }
        for claim in claims
        for one in claim["sub_tests"] or [{}]
    )


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as it is after a round trip through a published file."""
    return pd.read_csv(io.StringIO(_csv(frame)))


def thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """At most ``LONGEST`` rows of a frame, at even distances."""
    return frame.iloc[:: max(1, -(-len(frame) // LONGEST))]


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n"))


def _table_digest(path: Path) -> tuple[str, int, str]:
    table, provenance = read_table(str(path))
    return f"tables/{path.stem}", table.num_rows, provenance["rows"]


def _figure_digest(path: Path) -> tuple[str, int, str]:
    content = path.read_bytes()
    return f"figures/{path.stem}", content.count(b"\n") - 1, sha256(content).hexdigest()


def _published(environment: pd.DataFrame, images: Path) -> pd.DataFrame:
    """The distinct items and values of the environments of all tables and of the machine, and the digit images."""
    rows = environment.loc[~environment["item"].isin(NOT_PUBLISHED), ["item", "value"]].drop_duplicates()
    if images.exists():
        rows = pd.concat(
            [rows, pd.DataFrame({"item": ["images"], "value": [images.read_text(encoding="utf-8").strip()]})]
        )
    return rows


if __name__ == "__main__":
    write(of_run(Path(sys.argv[1])), Path(sys.argv[2]))
