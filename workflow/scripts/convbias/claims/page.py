"""The claims for readers: an HTML page, and a table in Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from convbias.claims.words import bounds, interval, violations

TEMPLATE = Path(__file__).with_suffix(".html")

Rows = Sequence[Mapping[str, Any]]


def page(rows: Rows) -> str:
    """All details of each claim, as one self-contained HTML page."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=number, estimate_text=estimate_text, robust=robust, expected=expected)
    papers = list(dict.fromkeys(row["paper"] for row in rows))
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        papers={paper: [row for row in rows if row["paper"] == paper] for paper in papers},
        counts=Counter(row["verdict"] for row in rows),
        statistical=sum(row["kind"] == "statistical" for row in rows),
    )


def readme(rows: Rows) -> str:
    """A Markdown table with one row per claim."""
    head = ["| claim | where | verdict | robust | result of the deciding sub-test |", "|---|---|---|---|---|"]
    cells = (
        (f"`{row['id']}` {row['statement']}", row["where"], row["verdict"], robust(row), detail(row)) for row in rows
    )
    return "\n".join([*head, *(f"| {' | '.join(line)} |" for line in cells), ""])


def detail(row: Mapping[str, Any]) -> str:
    """The deciding estimate of a claim, and the claimed range."""
    if row["low"] is None:
        return estimate_text(row) or row["summary"].rstrip(".")
    return f"{row['decided_by']}: {estimate_text(row)}; claimed: {expected(row)}"


def robust(row: Mapping[str, Any]) -> str:
    """Whether all tested settings give the same verdict; a dash if none were tested or the verdict is undecided."""
    if row["robust"] is None:
        return "undecided" if row["sensitivity"] and row["verdict"] != "undecided" else "–"
    return "yes" if row["robust"] else "no"


def number(value: float | None) -> str:
    """A number with three significant digits."""
    return "" if value is None else f"{value:.3g}"


def estimate_text(sub_test: Mapping[str, Any]) -> str:
    """An estimate with its interval, or a count of violations."""
    if sub_test["low"] is not None:
        return interval(sub_test["estimate"], sub_test["low"], sub_test["high"])
    return (
        ""
        if sub_test["cases"] is None
        else violations(sub_test["violations"], sub_test["cases"], sub_test["detail"] or "")
    )


def expected(sub_test: Mapping[str, Any]) -> str:
    """The claimed range of a sub-test, in words."""
    return bounds(sub_test["above"], sub_test["below"]) if sub_test["low"] is not None else "no violation"
