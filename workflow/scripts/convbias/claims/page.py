"""The claims for readers: an HTML page, and a table in Markdown."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Any

from jinja2 import Environment

from convbias.claims.finding import VERDICTS
from convbias.claims.words import bounds, interval, violations

TEMPLATE = Path(__file__).with_suffix(".html")
EXCEPTIONS = ("fails", "holds in part", "undecided")

Rows = Sequence[Mapping[str, Any]]


def page(rows: Rows) -> str:
    """All details of each claim, as one self-contained HTML page."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    filters = {"number": number, "estimate_text": estimate_text, "robust": robust, "expected": expected}
    environment.filters.update(filters, drawn=drawn, places=places, colour=colour, precision=precision)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        groups=groups(rows),
        verdicts=VERDICTS,
        statistical=sum(row["p_value"] is not None for row in rows),
    )


def groups(rows: Rows) -> list[dict[str, Any]]:
    """The claims of each paper, and then our extensions of it.

    Each group has a sentence that counts its verdicts, and the claims that do not hold: those that fail come first.
    """
    result = []
    for paper in dict.fromkeys(row["paper"] for row in rows):
        for extension in (False, True):
            own = [row for row in rows if row["paper"] == paper and (row["kind"] == "extension") == extension]
            if own:
                title = f"Extensions of {paper}" if extension else f"Claims of {paper}"
                others = [row for verdict in EXCEPTIONS for row in own if row["verdict"] == verdict]
                result.append({"title": title, "rows": own, "sentences": sentences(own), "exceptions": others})
    return result


def sentences(rows: Rows) -> list[str]:
    """How many claims of one group have each verdict. If the verdicts differ, the theorems are also counted alone."""
    theorems = [row for row in rows if row["kind"] == "theorem"]
    apart = len({row["verdict"] for row in rows}) > 1 and 0 < len(theorems) < len(rows)
    kind = "extension" if rows[0]["kind"] == "extension" else "claim"
    return [counted(rows, kind, f" of {rows[0]['paper']}"), *([counted(theorems, "theorem")] if apart else [])]


def counted(rows: Rows, kind: str, of: str = "") -> str:
    """A sentence that says how many of these claims have each verdict."""
    our, count = "our " if kind == "extension" else "", len(rows)
    found = Counter(row["verdict"] for row in rows)
    if len(found) > 1:
        *parts, last = (f"{found[verdict]} {verb(verdict, found[verdict])}" for verdict in VERDICTS if found[verdict])
        return f"Of {our}{count} {kind}s{of}, {', '.join(parts)} and {last}."
    subjects = {1: f"{our or 'the '}only {kind}", 2: f"both {our}{kind}s"}
    subject = subjects.get(count, f"all {our}{count} {kind}s")
    return f"{subject[0].upper()}{subject[1:]}{of} {verb(rows[0]['verdict'], count)}."


def verb(verdict: str, count: int) -> str:
    """A verdict on one claim or on several claims, as the verb of a sentence."""
    one, many = {
        "holds": ("holds", "hold"),
        "holds in part": ("holds in part", "hold in part"),
        "fails": ("fails", "fail"),
        "undecided": ("is undecided", "are undecided"),
    }[verdict]
    return one if count == 1 else many


def colour(verdict: str) -> str:
    """The class of a verdict in the style sheet."""
    return verdict.split()[-1]


def places(row: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Where a claim over a setting holds: by task or model, each value of the setting with its verdict, in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for sub_test in row["sub_tests"]:
        match = re.fullmatch(rf"(.*?)\W*\b{row['over']} = ([\d.]+)", sub_test["name"]) if row["over"] else None
        if match:
            found.setdefault(match[1], []).append((match[2], sub_test["outcome"]))
    return {name: sorted(values, key=lambda value: float(value[0])) for name, values in found.items()}


def precision(row: Mapping[str, Any]) -> str:
    """Whether each undecided sub-test is as precise as its claim needs; if not, the sample that would be enough.

    The half-width of an interval falls like one over the root of the sample. The text is empty if the claim has exact
    checks only, or names no precision.
    """
    sub_tests = [sub_test for sub_test in row["sub_tests"] if sub_test["low"] is not None]
    if not sub_tests or not row["precision"]:
        return ""
    lacking = []
    for sub_test in sub_tests:
        half = max(sub_test["high"] - sub_test["estimate"], sub_test["estimate"] - sub_test["low"])
        if sub_test["outcome"] == "undecided" and half > row["precision"]:
            enough = sub_test["sample"] * (half / row["precision"]) ** 2
            more = f", and needs a sample of about {ceil(enough):,}" if isfinite(enough) else ""
            lacking.append(f"{sub_test['name']} has {half:.2g}{more}")
    needed = f"An undecided sub-test needs a half-width of at most {row['precision']:g} (our choice)."
    return f"{needed} {'; '.join(lacking)}." if lacking else f"{needed} Each has it."


def drawn(row: Mapping[str, Any]) -> dict[str, float] | None:
    """Where a picture of 100 by 12 shows the claimed range, the interval and the estimate; None without an interval."""
    if row["low"] is None or row["estimate"] is None:
        return None
    ends = [row[name] for name in ("low", "high", "estimate", "above", "below")]
    finite = [value for value in ends if value is not None and isfinite(value)]
    start, stop = min(finite), max(finite)
    width = (stop - start) or 1.0

    def place(value: float | None, otherwise: float) -> float:
        if value is None or not isfinite(value):
            return otherwise
        return round(8 + 84 * (value - start) / width, 1)

    return {
        "above": place(row["above"], 0),
        "below": place(row["below"], 100),
        "low": place(row["low"], 0),
        "high": place(row["high"], 100),
        "at": place(row["estimate"], 100),
    }


def readme(rows: Rows) -> str:
    """A Markdown table with one row per claim."""
    head = ["| claim | where | verdict | robust | shown number |", "|---|---|---|---|---|"]
    lines = []
    for group in groups(rows):
        cells = (
            (f"`{row['id']}` {row['statement']}", row["where"], row["verdict"], robust(row), detail(row))
            for row in group["rows"]
        )
        first, *others = group["sentences"]
        lines += [" ".join([f"**{first}**", *others]), "", *head, *(f"| {' | '.join(x)} |" for x in cells), ""]
    return "\n".join(lines)


def detail(row: Mapping[str, Any]) -> str:
    """The shown number of a claim and the claimed range, and where a claim that holds in part holds."""
    if row["low"] is None:
        return estimate_text(row) or row["summary"].rstrip(".")
    where = f". {row['region']}" if row["verdict"] == "holds in part" else ""
    return f"{row['shown']}: {estimate_text(row)}; claimed: {expected(row)}{where}"


def robust(row: Mapping[str, Any]) -> str:
    """Whether all tested settings give the same verdict; a dash if none were tested or the verdict is undecided."""
    if row["robust"] is None:
        return "undecided" if row["sensitivity"] and row["verdict"] != "undecided" else "–"
    return "yes" if row["robust"] else "no"


def number(value: float | None) -> str:
    """A number with three significant digits."""
    return "" if value is None else f"{value:.3g}"


def estimate_text(sub_test: Mapping[str, Any], short: bool = False) -> str:
    """An estimate with its interval, or a count of violations, in short without its detail."""
    if sub_test["low"] is not None:
        return interval(sub_test["estimate"], sub_test["low"], sub_test["high"])
    if sub_test["cases"] is None:
        return ""
    return violations(sub_test["violations"], sub_test["cases"], "" if short else sub_test["detail"] or "")


def expected(sub_test: Mapping[str, Any]) -> str:
    """The claimed range of a sub-test, in words."""
    return bounds(sub_test["above"], sub_test["below"]) if sub_test["low"] is not None else "no violation"
