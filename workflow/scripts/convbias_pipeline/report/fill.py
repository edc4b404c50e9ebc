"""``python -m convbias_pipeline.report.fill RESULTS PAGE...`` writes the numbers of a run into pages of the docs.

A page marks a place by ``<!-- name -->`` and ``<!-- /name -->``, each on a line of its own. The names are ``claims``
(the table of all claims), ``verdicts`` (how many claims hold) and ``digests`` (of each table).
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from convbias_pipeline.store.files import atomic_write, read_table


def texts(results: Path) -> dict[str, str]:
    """The text of each place, from the results of a run."""
    claims = (results / "claims.md").read_text(encoding="utf-8")
    digests = []
    for path in sorted((results / "tables").glob("*.parquet")):
        rows, provenance = read_table(str(path))
        digests.append(f"{path.stem:<13}{rows.num_rows:>8,} rows  {provenance['rows']}\n")
    return {"claims": claims, "verdicts": verdicts(claims), "digests": f"```\n{''.join(digests)}```\n"}


def verdicts(claims: str) -> str:
    """The sentences of the table of claims, as a list."""
    return "".join(f"- {line}\n" for line in claims.splitlines() if line.startswith("**"))


def fill(page: str, places: Mapping[str, str]) -> str:
    """The page, with the text of each place that it marks."""
    for name, text in places.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, marked, rest = page.partition(start)
        if marked:
            page = before + start + text + end + rest.partition(end)[2]
    return page


if __name__ == "__main__":
    found = texts(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        with atomic_write(name) as temp_path:
            temp_path.write_text(fill(Path(name).read_text(encoding="utf-8"), found), encoding="utf-8")
