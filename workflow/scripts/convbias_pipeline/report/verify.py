"""``python -m convbias_pipeline.report.verify RESULTS REFERENCE`` compares a run with the published reference.

The exit status is 1 if something differs. There are four levels of agreement:

* Equal bits: the digests are the same.
* Equal to within rounding: every number agrees within the tolerance of its quantity.
* Statistically alike: every estimate agrees within the error that chance allows, at the 5 % level for all estimates of
  a figure or claim together (Bonferroni). The standard error of an estimate comes from its 95 % interval, on the side
  of the other run. In a figure without intervals (a phase diagram), the variance of a mean error m is at most
  m (1 - m) / networks. Counts vary at most like Poisson's. The other numbers of the row are about the same networks,
  and are not judged. Numbers without a standard error must agree within the tolerance.
* Differs: anything else, and every other verdict on a claim.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

from convbias_pipeline.report import reference
from convbias_pipeline.report.reference import DIGITS, Numbers

Columns = dict[str, np.ndarray]
LEVEL = 0.05  # of the comparison of one figure or claim
Z95 = NormalDist().inv_cdf(0.975)
ESTIMATES = ["mean", "value", "estimate"]  # the first that a row has is its estimate
COUNTS = ["networks", "left_out", "not_fitted", "cases", "violations"]
# Kinds of rows with their number in another column. The number of "exact" must agree within the tolerance. That of
# "following" follows from the other rows, and is not judged.
NUMBER_OF_KIND = {
    "needed": ("n_train", "following"),
    "best": ("k", "following"),
    "theory": ("n_train", "exact"),
    "step": ("mean", "exact"),
    "trajectory": ("mean", "exact"),
}


@dataclass(frozen=True)
class Tolerance:
    """The allowed difference of a quantity: the larger of an absolute and a relative bound."""

    absolute: float = 0.0
    relative: float = 0.0

    def allows(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Whether the numbers agree. Two missing numbers agree."""
        bound = np.maximum(self.absolute, self.relative * np.maximum(abs(one), abs(other)))
        return (one == other) | (abs(one - other) <= bound) | (np.isnan(one) & np.isnan(other))


ROUNDED = Tolerance(1e-9, 1e-5)  # the published numbers have six digits
TOLERANCES = {  # of each quantity; all other columns of a figure are settings
    **dict.fromkeys(
        [*ESTIMATES, "low", "high", "sd", "p10", "p90", "promised", "margin", "exact", "following", "correlation"],
        ROUNDED,
    ),
    **dict.fromkeys(
        ["degenerate", "not_separated", "gaussian", "predicted", "trained", "hinge_error", "speed"], ROUNDED
    ),
    **dict.fromkeys(COUNTS, Tolerance()),
}


class Agreement(IntEnum):
    """How well two runs agree, worst first."""

    DIFFERS = 0
    ALIKE = 1
    ROUNDING = 2
    BITS = 3

    def __str__(self) -> str:
        return ("differs", "statistically alike", "equal to within rounding", "equal bits")[self]


@dataclass(frozen=True)
class Comparison:
    """The agreement of a figure or claim: to how many digits, or what differs."""

    agreement: Agreement
    detail: str = ""


def compare(run: Numbers, published: Numbers) -> dict[str, dict[str, Comparison]]:
    """The comparison of each figure and claim that both have, under ``figures`` and ``claims``."""
    figures = {
        name: Comparison(Agreement.BITS)
        if same_bits(run, published, f"figures/{name}")
        else compare_rows(run.figures[name], rows, rows_of(published, f"figures/{name}"))
        for name, rows in published.figures.items()
        if name in run.figures
    }
    ours = dict(iter(run.claims.groupby("id", sort=False)))
    claims = {
        str(name): Comparison(Agreement.BITS)
        if same_bits(run, published, "tables/claims")
        else compare_claim(ours[name], rows)
        for name, rows in published.claims.groupby("id", sort=False)
        if name in ours
    }
    return {"figures": figures, "claims": claims}


def same_bits(run: Numbers, published: Numbers, file: str) -> bool:
    """Whether a table or figure has the same digest in both."""
    ours, theirs = (numbers.digests.set_index("file")["digest"] for numbers in (run, published))
    return file in ours.index and bool(ours[file] == theirs[file])


def rows_of(numbers: Numbers, file: str) -> int:
    """The number of rows of a table or figure."""
    return int(numbers.digests.set_index("file")["rows"][file])


def compare_claim(ours: pd.DataFrame, theirs: pd.DataFrame) -> Comparison:
    """The comparison of the verdict and the sub-tests of one claim."""
    verdict, expected = ours["verdict"].iloc[0], theirs["verdict"].iloc[0]
    if verdict != expected:
        return Comparison(Agreement.DIFFERS, f"the verdict is: {verdict}; in the reference: {expected}")
    words = ["id", "verdict", "robust", "outcome"]
    compared = compare_rows(ours.drop(columns=words), theirs.drop(columns=words), len(theirs))
    robust, once = ours["robust"].iloc[0], theirs["robust"].iloc[0]
    if robust != once and not (pd.isna(robust) and pd.isna(once)):
        return Comparison(compared.agreement, f"{compared.detail}; robust: {robust}, in the reference {once}")
    return compared


def compare_rows(ours: pd.DataFrame, theirs: pd.DataFrame, expected: int) -> Comparison:
    """The comparison of the rows of a figure or claim.

    Args:
        ours: the rows of the run.
        theirs: the rows of the reference, which may be some of the ``expected`` ones.
        expected: the number of rows behind the reference.
    """
    if len(ours) != expected:
        return Comparison(Agreement.DIFFERS, f"{len(ours):,} rows; the reference has {expected:,}")
    if list(ours.columns) != list(theirs.columns):
        return Comparison(Agreement.DIFFERS, f"columns {', '.join(ours)}; the reference has {', '.join(theirs)}")
    places = {words: place for place, words in enumerate(settings(ours))}
    rows = settings(theirs)
    if lost := sum(words not in places for words in rows):
        return Comparison(Agreement.DIFFERS, f"{lost:,} of {len(theirs):,} rows have other settings than the reference")
    one, other = quantities(ours.iloc[[places[words] for words in rows]]), quantities(theirs)
    with np.errstate(invalid="ignore"):  # a difference of infinite or missing numbers
        within = {name: TOLERANCES[name].allows(one[name], other[name]) for name in other}
        if all(good.all() for good in within.values()):
            return Comparison(Agreement.ROUNDING, f"{digits(one, other)} digits")
        alike, share = statistically_alike(one, other, within)
        if all(good.all() for good in alike.values()):
            return Comparison(Agreement.ALIKE, f"{digits(one, other)} digits, {share:.0%} of the allowed difference")
    bad = ~np.all([*alike.values()], axis=0)
    row = int(bad.argmax())
    name = next(name for name, good in alike.items() if not good[row])
    numbers = f"{name} is {one[name][row]:.6g}, in the reference {other[name][row]:.6g}"
    return Comparison(Agreement.DIFFERS, f"{bad.sum():,} of {len(theirs):,} rows differ; {numbers} ({rows[row]})")


def settings(frame: pd.DataFrame) -> list[str]:
    """The settings of each row in words, without missing ones. Rows with equal settings are numbered."""
    frame = frame[[name for name in frame if name not in TOLERANCES]].astype(object)
    for kind, (column, _) in NUMBER_OF_KIND.items() if "kind" in frame else ():
        if column in frame:
            frame.loc[frame["kind"] == kind, column] = None
    seen: Counter[str] = Counter()
    rows = []
    for values in frame.itertuples(index=False, name=None):
        cells = zip(frame.columns, values, strict=True)
        words = ", ".join(f"{name} = {_text(value)}" for name, value in cells if not pd.isna(value))
        seen[words] += 1
        rows.append(words if seen[words] == 1 else f"{words} (row {seen[words]})")
    return rows


def quantities(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The numbers of a frame by quantity."""
    columns = {name: frame[name].to_numpy(float, copy=True) for name in frame if name in TOLERANCES}
    moved = {name: np.full(len(frame), np.nan) for name in ("exact", "following")}
    for kind, (column, name) in NUMBER_OF_KIND.items() if "kind" in frame else ():
        if column in frame:
            rows = (frame["kind"] == kind).to_numpy()
            moved[name][rows] = frame[column].to_numpy(float)[rows]
            if column in columns:
                columns[column][rows] = np.nan
    return {**columns, **moved}


def digits(one: Columns, other: Columns) -> int:
    """The number of digits to which all numbers agree, without counts and without differences of 1e-9 and less."""
    largest = 0.0
    for name in other.keys() - COUNTS:
        gap, size = abs(one[name] - other[name]), np.maximum(abs(one[name]), abs(other[name]))
        largest = max([largest, *(gap / size)[gap > ROUNDED.absolute]])
    return min(DIGITS, max(0, int(-np.log10(largest)))) if largest else DIGITS


def statistically_alike(one: Columns, other: Columns, within: Columns) -> tuple[Columns, float]:
    """Whether each number may be due to chance, and the largest difference of an estimate over the allowed one.

    ``within`` says which numbers are equal to within rounding.
    """
    error, gap = standard_error(one, other), abs(estimate(one) - estimate(other))
    judged = ~np.isnan(error)
    allowed = NormalDist().inv_cdf(1 - LEVEL / 2 / max(1, judged.sum()))
    alike = {name: good | judged for name, good in within.items()}
    alike["following"] = np.full(len(gap), True)
    for name in within.keys() & COUNTS:
        alike[name] = within[name] | ((one[name] - other[name]) ** 2 <= allowed**2 * (one[name] + other[name]))
    for name in within.keys() & ESTIMATES:
        alike[name] = within[name] | (gap <= allowed * error)
    shares = gap[judged & (gap > 0)] / (allowed * error[judged & (gap > 0)])
    return alike, float(shares.max(initial=0))


def standard_error(one: Columns, other: Columns) -> np.ndarray:
    """The standard error of the difference of the estimates of each row, NaN if it is unknown."""
    x, y = estimate(one), estimate(other)
    if "low" in other:
        return np.hypot(_half_width(one, x, x < y), _half_width(other, y, y < x)) / Z95
    if "networks" in other:
        mean = (x + y) / 2
        return np.where(
            abs(mean - 0.5) <= 0.5, np.sqrt(mean * (1 - mean) * (1 / one["networks"] + 1 / other["networks"])), np.nan
        )
    return np.full(len(x), np.nan)


def estimate(columns: Columns) -> np.ndarray:
    """The estimate of each row, NaN if it has none."""
    found = np.full(len(columns["exact"]), np.nan)
    for name in (name for name in ESTIMATES if name in columns):
        found = np.where(np.isnan(found), columns[name], found)
    return found


def _half_width(columns: Columns, value: np.ndarray, upward: np.ndarray) -> np.ndarray:
    """The distance from an estimate to the upper or the lower end of its interval, NaN if it is outside."""
    low, high = columns["low"], columns["high"]
    return np.where((low <= value) & (value <= high), np.where(upward, high - value, value - low), np.nan)


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def report(run: Numbers, published: Numbers, found: dict[str, dict[str, Comparison]]) -> Iterator[str]:
    """The comparison as lines of text."""
    yield f"The reference: {_described(published)}"
    yield f"This run:      {_described(run)}"
    yield ""
    for file in published.digests["file"]:
        part, _, name = file.partition("/")
        if part == "tables":
            bits = "equal bits" if same_bits(run, published, file) else "other bits"
            yield f"table {name:<13} {rows_of(published, file):>8,} rows   {bits}"
    yield ""
    yield from (f"figure {name:<28} {_line(one)}" for name, one in found["figures"].items())
    yield ""
    yield from (
        f"claim {name}: {_line(one)}" for name, one in found["claims"].items() if one.agreement < Agreement.ROUNDING
    )
    for part, theirs in (("figures", published.figures), ("claims", published.claims["id"].unique())):
        levels = [one.agreement for one in found[part].values()]
        counts = [f"{level}: {levels.count(level)}" for level in reversed(Agreement)]
        yield f"{len(theirs)} {part}; {', '.join(counts)}, not in this run: {len(theirs) - len(levels)}"


def _line(one: Comparison) -> str:
    return f"{one.agreement}{f' ({one.detail})' if one.detail else ''}"


def _described(numbers: Numbers) -> str:
    items = dict(numbers.environment.groupby("item", sort=False)["value"].agg(" or ".join))
    return ", ".join(f"{item} {items[item]}" for item in ("commit", "processor", "images", "torch") if item in items)


def main(results: Path, folder: Path) -> int:
    """Print the comparison. Returns the exit status."""
    try:
        run, published = reference.of_run(results), reference.read(folder)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    found = compare(run, published)
    print("\n".join(report(run, published, found)))
    return int(any(one.agreement == Agreement.DIFFERS for part in found.values() for one in part.values()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
