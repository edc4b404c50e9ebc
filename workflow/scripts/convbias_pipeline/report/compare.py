"""``python -m convbias_pipeline.report.compare A B PAGE`` compares two runs, and writes the comparison as a page.

A and B are folders ``results``, or folders that contain one, of this version or of another. Tables, columns and claims
that only one run has are listed. A file next to the page, with the suffix ``.csv``, has all compared numbers.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment

from convbias.claims.page import colour, estimate_text, number
from convbias.claims.table import CLAIMS
from convbias_pipeline.report import cells
from convbias_pipeline.report.verify import Agreement
from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import atomic_write, read_table

TEMPLATE = Path(__file__).with_suffix(".html")
COMPARED = ("linear", "detection", "asymptotics", "theory")  # the tables of which numbers are compared
ENVIRONMENT = ("commit", "dirty", "lock", "python", "device")  # items of the provenance besides the libraries
DEFINITION = ("statement", "statistic", "threshold", "over")  # columns that define a claim
LONGEST = 100  # cells of one experiment on the page
DIFFERS, ALIKE, ROUNDING, BITS = map(str, Agreement)
LEVELS = [DIFFERS, cells.NOT_TESTED, ALIKE, ROUNDING, BITS]  # in the order of the page


@dataclass(frozen=True)
class Run:
    """The tables of a run.

    Args:
        name: the folder.
        frames: the rows of the compared tables.
        claims: the rows of the table of claims, by id.
        provenance: that of each table.
        digests: the number of rows of each table, and the digest of the rows.
        machine: items and values of the machine, if the run has them.
        damaged: for each file that cannot be read, the reason.
    """

    name: str
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    claims: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    provenance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    digests: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """A setting that differs, with the experiments and tasks in which it has these values; all, if it is everywhere."""

    setting: str
    a: str
    b: str
    places: list[str]
    everywhere: bool


@dataclass(frozen=True)
class Comparison:
    """Two runs, and all that differs between them. ``tables`` holds the compared cells of each table."""

    a: Run
    b: Run
    settings: list[Change]
    only: dict[str, tuple[list[str], list[str]]]
    claims: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame]
    versions: list[tuple[str, str, str]]
    code: list[tuple[str, int, list[str]]]
    digests: list[tuple[str, Any, Any]]

    @property
    def all_cells(self) -> pd.DataFrame:
        """The cells of all tables, with the table of each."""
        frames = [frame.assign(table=name)[["table", *cells.COLUMNS]] for name, frame in self.tables.items()]
        frames = [frame for frame in frames if len(frame)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["table", *cells.COLUMNS])


def read(folder: Path) -> Run:
    """The tables in a folder.

    Raises:
        ValueError: the folder has no table.
    """
    places = (folder / "tables", folder / "results/tables", folder)
    files = next((found for place in places if (found := sorted(place.glob("*.parquet")))), [])
    if not files:
        raise ValueError(f"{folder} has no tables. Name the folder `results` of a run, with tables/*.parquet.")
    frames, provenance, digests, damaged = {}, {}, {}, []
    claims: dict[str, Any] = {}
    for path in files:
        try:
            table, made = read_table(str(path))
        except ValueError as problem:
            damaged.append(str(problem))
            continue
        provenance[path.stem] = made
        digests[path.stem] = (table.num_rows, made.get("rows") or rows_digest(table))
        if path.stem in COMPARED:
            frames[path.stem] = table.to_pandas()
        elif path.stem == "claims" and {"id", "verdict"} <= {*table.column_names}:
            claims = {row["id"]: {**dict.fromkeys(CLAIMS.names), **row} for row in table.to_pylist()}
    return Run(str(folder), frames, claims, provenance, digests, _machine(files[0].parents[1]), damaged)


def _machine(results: Path) -> dict[str, str]:
    """The machine of a run, from its file environment.csv; empty without one."""
    file = results / "environment.csv"
    if not file.is_file():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row.get("table") == "this machine"]
    return {row["item"]: row["value"] for row in rows if row.get("item") and row.get("value")}


def compare(a: Run, b: Run) -> Comparison:
    """All that differs between two runs."""
    settings = [settings_of(run.provenance) for run in (a, b)]
    roots = [{place[0]: own["root_seed"] for place, own in one.items() if "root_seed" in own} for one in settings]
    same_draws = {name for name, root in roots[0].items() if roots[1].get(name) == root}
    tables = {
        name: cells.compare_cells(a.frames[name], b.frames[name], same_draws)
        for name in COMPARED
        if name in a.frames and name in b.frames
    }
    only = {
        "tables": _only(a.digests, b.digests),
        "experiments": _only(*({place[0]: 0 for place in one} for one in settings)),
        "claims": _only(a.claims, b.claims),
        "columns": _only(*(_columns(*pair) for pair in ((a, b), (b, a)))),
    }
    return Comparison(
        a,
        b,
        changed_settings(*settings),
        only,
        compare_claims(a.claims, b.claims),
        tables,
        compare_versions(a, b),
        compare_code(a, b),
        [(name, a.digests.get(name), b.digests.get(name)) for name in sorted({*a.digests, *b.digests})],
    )


def _only(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The names that only a has, and those that only b has."""
    return [name for name in a if name not in b], [name for name in b if name not in a]


def _columns(run: Run, other: Run) -> dict[str, int]:
    """The columns of the compared tables that both runs have."""
    return {f"{table}.{name}": 0 for table, frame in run.frames.items() if table in other.frames for name in frame}


def settings_of(provenance: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """For each experiment and task, the settings of its jobs with their values, from the provenance of the tables."""
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for group in _groups(provenance):
        shared = group["shared"]
        own = found.setdefault((shared.get("experiment", ""), shared.get("task", "")), {})
        for name, value in shared.items():
            if name not in ("experiment", "task") and not name.endswith("code"):
                own.setdefault(name, {})[_text(value)] = None
        for shard in group["own"]:
            if "n_train" in shard:
                own.setdefault("n_train", {})[_text(shard["n_train"])] = None
        last = max((shard.get("upto", shard.get("last", -1)) for shard in group["own"]), default=-1)
        if last >= 0:
            own.setdefault("seeds", {})[_text(last + 1)] = None
    return {place: {name: ", ".join(values) for name, values in own.items()} for place, own in found.items()}


def _groups(provenance: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The jobs behind the tables. Older versions store them in another place."""
    for made in provenance.values():
        packed = made.get("shards") or (made.get("configuration") or {}).get("shards")
        yield from packed.get("groups", []) if isinstance(packed, dict) else []


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def changed_settings(a: Mapping[tuple[str, str], Any], b: Mapping[tuple[str, str], Any]) -> list[Change]:
    """The settings that differ in experiments and tasks that both runs have, those of most places first."""
    common = [place for place in a if place in b]
    found: dict[tuple[str, str, str], list[str]] = {}
    for place in common:
        for name in {**a[place], **b[place]}:
            values = [own[place].get(name, "–") for own in (a, b)]
            if values[0] != values[1]:
                found.setdefault((name, *values), []).append(", ".join(filter(None, place)))
    changes = [Change(*change, places, len(places) == len(common)) for change, places in found.items()]
    return sorted(changes, key=lambda change: -len(change.places))


def compare_claims(a: Mapping[str, Mapping[str, Any]], b: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The claims that both runs decide: those with another verdict first, then those whose definition changed.

    ``changes`` says how the definition or the robustness of a claim changed.
    """
    rows = []
    for name in (name for name in a if name in b):
        one, other = a[name], b[name]
        changes = [f"{key}: {one[key]} → {other[key]}" for key in DEFINITION if one[key] != other[key]]
        if one["robust"] != other["robust"]:
            changes.append(f"same verdict under all tested settings: {_robust(one)} → {_robust(other)}")
        flipped = one["verdict"] != other["verdict"]
        rows.append({"id": name, "a": one, "b": other, "flipped": flipped, "changes": changes})
    return sorted(rows, key=lambda row: (not row["flipped"], not row["changes"]))


def _robust(claim: Mapping[str, Any]) -> str:
    return {True: "yes", False: "no"}.get(claim["robust"], "–")


def compare_versions(a: Run, b: Run) -> list[tuple[str, str, str]]:
    """The items of the code, the libraries and the machine, with their values in both runs; those that differ first."""
    one, other = ({**_environment(run), **run.machine} for run in (a, b))
    rows = [(item, one.get(item, "–"), other.get(item, "–")) for item in {**one, **other}]
    return sorted(rows, key=lambda row: row[1] == row[2])


def _environment(run: Run) -> dict[str, str]:
    """The distinct values of each item in the provenance of all tables and of their shards."""
    found: dict[str, dict[str, None]] = {}
    for made in run.provenance.values():
        for environment in (made, *(made.get("environments") or [])):
            items = {**{name: environment.get(name) for name in ENVIRONMENT}, **(environment.get("libraries") or {})}
            for item, value in items.items():
                if value is not None:
                    found.setdefault(item, {})[str(value)] = None
    return {item: " or ".join(values) for item, values in found.items()}


def compare_code(a: Run, b: Run) -> list[tuple[str, int, list[str]]]:
    """For each table that both runs have: how many of its jobs both have, and those whose code or libraries differ."""
    found = []
    for table in (name for name in a.provenance if name in b.provenance):
        one, other = (_code({table: run.provenance[table]}) for run in (a, b))
        common = [job for job in one if job in other]
        found.append((table, len(common), [job for job in common if one[job] != other[job]]))
    return found


def _code(provenance: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """The fingerprints of the code and libraries of each kind of job behind a table."""
    jobs: dict[str, list[str]] = {}
    for group in _groups(provenance):
        shared = group["shared"]
        names = (shared.get(name) for name in ("experiment", "task", "model", "loss", "training"))
        code = [str(shared[name]) for name in sorted(shared) if name.endswith("code")]
        jobs.setdefault(", ".join(filter(None, names)), []).extend(code)
    return jobs or {name: [str((made.get("configuration") or {}).get("code"))] for name, made in provenance.items()}


def summary(found: Comparison) -> Iterator[str]:
    """The comparison in a few lines of text."""
    a, b = found.a, found.b
    for letter, run in (("A", a), ("B", b)):
        items = _environment(run)
        known = ", ".join(f"{item} {items[item]}" for item in ("commit", "numpy", "torch") if item in items)
        yield f"{letter}: {run.name} ({known or 'provenance unknown'})"
        yield from (f"{letter} has a file that cannot be read: {reason}" for reason in run.damaged)
    for name, sides in found.only.items():
        for letter, names in zip("AB", sides, strict=True):
            if names:
                yield f"{name} only in {letter}: {len(names)} ({_shortened(names)})"
    yield f"settings that differ: {len(found.settings)}"
    for one in found.settings[:9]:
        yield f"  {one.setting}: {one.a} → {one.b} ({'everywhere' if one.everywhere else _shortened(one.places)})"
    flipped = [row for row in found.claims if row["flipped"]]
    yield f"claims in both runs: {len(found.claims)}, with another verdict: {len(flipped)}"
    yield from (f"  {row['id']}: {row['a']['verdict']} → {row['b']['verdict']}" for row in flipped)
    for table, frame in found.tables.items():
        yield f"numbers of {table}: {len(frame):,}; {counted(frame)}"
    differing = [row for row in found.versions if row[1] != row[2]]
    yield f"versions that differ: {_shortened([row[0] for row in differing]) or 'none'}"
    changed = [f"{table} ({len(jobs)} of {count} jobs)" for table, count, jobs in found.code if jobs]
    yield f"tables whose code or libraries differ: {', '.join(changed) or 'none'}"
    both = [(name, one, other) for name, one, other in found.digests if one and other]
    equal = [name for name, one, other in both if one == other]
    yield f"tables with equal rows: {len(equal)} of {len(both)} ({', '.join(equal) or 'none'})"


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def counted(frame: pd.DataFrame) -> str:
    """How many cells have each level of agreement."""
    found = Counter(frame["agreement"])
    return ", ".join(f"{level}: {found[level]:,}" for level in LEVELS if found[level]) or "none in both runs"


def page(found: Comparison) -> str:
    """The comparison as one self-contained HTML page."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(estimate_text=estimate_text, colour=colour, counted=counted, cell=_cell, p=_p)
    everything = found.all_cells
    both = [(one, other) for _, one, other in found.digests if one and other]
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        found=found,
        flipped=[row for row in found.claims if row["flipped"]],
        redefined=[row for row in found.claims if row["changes"] and not row["flipped"]],
        tables={name: experiments(frame) for name, frame in found.tables.items()},
        total=len(everything),
        differing=_ordered(everything[everything["agreement"] == DIFFERS]).to_dict("records"),
        versions=[row for row in found.versions if row[1] != row[2]],
        equal=sum(one == other for one, other in both),
        both=len(both),
        differs=DIFFERS,
        rounding=ROUNDING,
        level=cells.LEVEL,
        longest=LONGEST,
    )


def experiments(frame: pd.DataFrame) -> list[tuple[str, str, list[dict[str, Any]], int]]:
    """For each experiment: its counts of each level, the cells that a page shows, and the number of cells."""
    groups = _ordered(frame).groupby("experiment", sort=False)
    return [(str(name), counted(own), own.head(LONGEST).to_dict("records"), len(own)) for name, own in groups]


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells that differ first, equal bits last."""
    rank = frame["agreement"].map(LEVELS.index)
    return frame.assign(rank=rank).sort_values(["rank", "p_value"], kind="stable")


def _p(value: float) -> str:
    return "" if pd.isna(value) else number(value)


def _cell(row: Mapping[str, Any], run: str) -> str:
    """A mean with its standard error and number of networks."""
    mean, error, count = (row[f"{name}_{run}"] for name in ("mean", "error", "networks"))
    text = "–" if pd.isna(mean) else f"{mean:.4g}"
    text += "" if pd.isna(error) else f" ± {error:.2g}"
    left_out = f", {row[f'left_out_{run}']} excluded" if row[f"left_out_{run}"] else ""
    return text + (f" ({count}{left_out})" if count != 1 or left_out else "")


def main(a: Path, b: Path, to: Path) -> int:
    """Write the page and the numbers, and print a summary. Returns the exit status."""
    runs, problems = [], []
    for folder in (a, b):
        try:
            runs.append(read(folder))
        except ValueError as problem:
            problems.append(str(problem))
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    found = compare(*runs)
    to.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(to) as temp_path:
        temp_path.write_text(page(found), encoding="utf-8")
    with atomic_write(to.with_suffix(".csv")) as temp_path:
        found.all_cells.to_csv(temp_path, index=False, lineterminator="\n")
    print("\n".join([*summary(found), f"The page is {to}; all compared numbers are in {to.with_suffix('.csv')}."]))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Name two runs and the page: python -m convbias_pipeline.report.compare A B PAGE")
    sys.exit(main(*map(Path, sys.argv[1:])))
