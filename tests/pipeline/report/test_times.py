"""What the files of a run say of its costs and its origin."""

import csv
import os

import pyarrow as pa
import pytest

from convbias_pipeline.report.environment import origin
from convbias_pipeline.report.times import seconds_by_rule
from convbias_pipeline.store.files import write_table

HEAD = "s\th:m:s\tmax_rss\n"


def test_seconds_are_added_up_by_rule(tmp_path):
    for name, lines in {
        "train/a/n3/seeds0-1.tsv": "2.5\t0:00:02\t300\n",
        "train/a/n5/seeds0-1.tsv": "2.5\t0:00:02\t-\n",
        "draw.tsv": "8\t0:00:08\t300\n",
        "repeated.tsv": "1\t0:00:01\t-\n2\t0:00:02\t-\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(HEAD + lines)
    (tmp_path / "train/notes.txt").write_text("not a benchmark")
    assert seconds_by_rule(tmp_path) == [
        {"rule": "draw", "jobs": 1, "seconds": 8, "share": 0.5, "longest": 8},
        {"rule": "train", "jobs": 2, "seconds": 5, "share": 0.3125, "longest": 2.5},
        {"rule": "repeated", "jobs": 2, "seconds": 3, "share": 0.1875, "longest": 2},
    ]


def test_a_run_tabulates_all_of_its_rules(finished):
    with (finished / "results/times.csv").open() as file:
        rows = list(csv.DictReader(file))
    rules = {path.name.removesuffix(".tsv") for path in (finished / "results/benchmarks").iterdir()}
    assert {row["rule"] for row in rows} == rules and len(rows) == 11
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=0.02)
    jobs = {row["rule"]: int(row["jobs"]) for row in rows}
    assert jobs["train_linear"] == 36 and jobs["plot_figure"] == 22


def test_the_origin_of_a_table_is_what_its_parts_were_made_with(tmp_path):
    parts = [{"python": "3.11", "dirty": False, "libraries": {"torch": torch}} for torch in ("2.1", "2.2", "2.1")]
    table = pa.table({"x": [1]})
    write_table(table, str(tmp_path / "runs.parquet"), {"parts": parts, "commit": "of the table, not of its parts"})
    rows = list(origin([str(tmp_path / "runs.parquet")]))
    told = [("runs", *row) for row in (("dirty", "False"), ("python", "3.11"), ("torch", "2.1"), ("torch", "2.2"))]
    assert [row for row in rows if row[0] == "runs"] == told
    machine = {what: value for of, what, value in rows if of == "this machine"}
    assert machine["cores"] == str(os.cpu_count()) and machine["memory"].endswith(" GiB") and machine["processor"]
