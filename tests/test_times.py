"""What the benchmark files of a run say."""

import csv

import pytest

from pipeline.times import seconds_by_rule

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
