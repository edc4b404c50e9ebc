"""The costs and the environment that the files of a run record."""

import csv
import os

import pytest

from convbias_pipeline.jobs import plan
from convbias_pipeline.report.environment import table_environments
from convbias_pipeline.report.times import seconds_by_rule
from running import changes, expanded

HEAD = "s\th:m:s\tmax_rss\n"


def test_seconds_are_summed_by_rule(tmp_path):
    for name, lines in {
        "train/a/n3/seeds0-1.tsv": "2.5\t0:00:02\t300\n",
        "train/a/n5/seeds0-1.tsv": "2.5\t0:00:02\t-\n",
        "draw.tsv": "8\t0:00:08\t300\n",
        "repeated.tsv": "1\t0:00:01\t-\n2\t0:00:02\t-\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(HEAD + lines)
    (tmp_path / "train/notes.txt").write_text("not a benchmark")
    (tmp_path / "train/a/empty.tsv").touch()  # a full disk leaves it behind
    (tmp_path / "empty.tsv").touch()
    assert seconds_by_rule(tmp_path) == [
        {"rule": "draw", "jobs": 1, "seconds": 8, "share": 0.5, "longest": 8},
        {"rule": "train", "jobs": 2, "seconds": 5, "share": 0.3125, "longest": 2.5},
        {"rule": "repeated", "jobs": 2, "seconds": 3, "share": 0.1875, "longest": 2},
    ]


def test_jobs_without_measured_time_have_no_share(tmp_path):
    (tmp_path / "draw.tsv").write_text(f"{HEAD}0.0\t0:00:00\t-\n")
    assert seconds_by_rule(tmp_path) == [{"rule": "draw", "jobs": 1, "seconds": 0, "share": 0, "longest": 0}]


def test_all_rules_of_a_run_are_tabulated(finished):
    with (finished / "results/times.csv").open() as file:
        rows = list(csv.DictReader(file))
    rules = {path.name.removesuffix(".tsv") for path in (finished / "results/benchmarks").iterdir()}
    assert {row["rule"] for row in rows} == rules and len(rows) == 12
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=0.02)
    jobs = {row["rule"]: int(row["jobs"]) for row in rows}
    smoke = expanded(changes())
    assert jobs["train_linear"] == len(list(plan.shards(smoke, "linear")))
    assert jobs["plot_figure"] == len(smoke["figures"])


def test_the_environments_of_a_table_are_those_of_its_shards():
    shards = [{"python": "3.11", "dirty": False, "libraries": {"torch": torch}} for torch in ("2.1", "2.2", "2.1")]
    rows = list(table_environments({"runs": {"environments": shards, "commit": "of the table, not of its shards"}}))
    expected = [("runs", *row) for row in (("dirty", "False"), ("python", "3.11"), ("torch", "2.1"), ("torch", "2.2"))]
    assert sorted(row for row in rows if row[0] == "runs") == expected
    machine = {item: value for table, item, value in rows if table == "this machine"}
    assert machine["cores"] == str(os.cpu_count()) and machine["memory"].endswith(" GiB") and machine["processor"]
