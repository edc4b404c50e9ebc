"""The claims to read: as a page of its own, and as the README's table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from convbias.claims.words import bounds, interval, violations

TEMPLATE = Path(__file__).with_suffix(".html")

Rows = Sequence[Mapping[str, Any]]


def page(rows: Rows) -> str:
    """All of each claim, as HTML that stands alone."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=number, estimate_text=estimate_text, robust=robust, expected=expected)
    papers = list(dict.fromkeys(row["paper"] for row in rows))
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        papers={paper: [row for row in rows if row["paper"] == paper] for paper in papers},
        counts=Counter(row["verdict"] for row in rows),
        statistical=sum(row["kind"] == "statistical" for row in rows),
    )


def readme(rows: Rows) -> str:
    """A line for each claim, as a Markdown table."""
    head = ["| claim | where | verdict | robust | found, of the part that decides |", "|---|---|---|---|---|"]
    cells = (
        (f"`{row['id']}` {row['statement']}", row["where"], row["verdict"], robust(row), detail(row)) for row in rows
    )
    return "\n".join([*head, *(f"| {' | '.join(line)} |" for line in cells), ""])


def detail(row: Mapping[str, Any]) -> str:
    """What decides a claim, and what it was to be."""
    if row["low"] is None:
        return estimate_text(row) or row["summary"].rstrip(".")
    return f"{row['decided_by']}: {estimate_text(row)}; claimed: {expected(row)}"


def robust(row: Mapping[str, Any]) -> str:
    """Whether other settings lead to the same verdict."""
    if row["robust"] is None:
        return "undecided" if row["sensitivity"] and row["verdict"] != "undecided" else "–"
    return "yes" if row["robust"] else "no"


def number(value: float | None) -> str:
    """To three digits, or to the order of magnitude."""
    return "" if value is None else f"{value:.3g}"


def estimate_text(part: Mapping[str, Any]) -> str:
    """An estimate with its interval, or a count of violations."""
    if part["low"] is not None:
        return interval(part["estimate"], part["low"], part["high"])
    return "" if part["cases"] is None else violations(part["violations"], part["cases"], part["detail"] or "")


def expected(part: Mapping[str, Any]) -> str:
    """What a part is to be, in words."""
    return bounds(part["above"], part["below"]) if part["low"] is not None else "no violation"
