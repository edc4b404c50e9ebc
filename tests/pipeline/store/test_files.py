import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from convbias_pipeline.jobs.shards import Shard
from convbias_pipeline.store import collection
from convbias_pipeline.store.collection import collect
from convbias_pipeline.store.files import (
    atomic_write,
    read_expected,
    read_frames,
    read_provenance,
    read_provenances,
    read_table,
    stream_frames,
    write_table,
    write_tables,
)
from convbias_pipeline.store.provenance import provenance
from running import ROOT

SEEDS = pa.schema([("seed", pa.int64())])
MADE_BY = {"code": "abc", "root_seed": 1}


@pytest.fixture
def shards(tmp_path):
    """Two shards of a table."""
    made = []
    for first, last in ((0, 2), (3, 4)):
        path, params = str(tmp_path / f"seeds{first}-{last}.parquet"), {"code": "abc", "first": first, "last": last}
        seeds = list(range(first, last + 1))
        write_table(pa.table({"seed": seeds}), path, {"commit": "1", "configuration": params})
        made.append(Shard(path, params))
    return made


def test_an_interrupted_write_leaves_only_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def stop_half_way():
        with atomic_write(path) as temp_path:
            temp_path.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with atomic_write(path) as temp_path:
        temp_path.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_table_keeps_its_provenance(tmp_path):
    written = provenance({"d": 10})
    write_table(pa.table({"seed": [1]}), str(tmp_path / "t.parquet"), written)
    table, read = read_table(str(tmp_path / "t.parquet"))
    assert table["seed"].to_pylist() == [1] and read == json.loads(json.dumps(written))
    assert {"commit", "dirty", "lock", "libraries", "device", "configuration"} <= set(read)
    assert read["libraries"]["torch"] and read["configuration"] == {"d": 10}


@pytest.mark.parametrize("length", [0, 1, 90, 120, 128, 16_384, 3_000_000])
def test_the_provenance_is_read_without_any_library(tmp_path, monkeypatch, length):
    path, written = str(tmp_path / "t.parquet"), {"configuration": {"convbias": "\x18\x08convbias\x18" + "x" * length}}
    write_table(pa.table({"seed": [1]}), path, written)
    assert read_provenance(path) == read_table(path)[1] == written
    for library in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, library, None)  # an import of it fails
    assert read_provenance(path) == written
    with open(path, "r+b") as file:
        file.write(b"?")
    with pytest.raises(ValueError, match=rf"{path} failed its checksum .* \(the content differs"):
        read_provenance(path)


def test_shards_are_collected_in_order_and_in_groups(shards, monkeypatch):
    environments = []
    [group] = collect(shards, SEEDS, environments)
    assert [table["seed"].to_pylist() for table in group] == [[0, 1, 2], [3, 4]]
    assert environments == [{"commit": "1"}]
    monkeypatch.setattr(collection, "GROUP_BYTES", 3 * 8 + collection.SHARD_BYTES)
    groups = list(collect([*shards, *shards], SEEDS, []))
    assert [[table.num_rows for table in group] for group in groups] == [[3], [2, 3], [2]]


def test_all_shards_that_do_not_belong_to_a_table_are_named(shards, tmp_path):
    good, short = (shard.path for shard in shards)
    damaged, other, garbled = (str(tmp_path / f"{name}.parquet") for name in ("damaged", "other", "garbled"))
    content = Path(good).read_bytes()
    Path(damaged).write_bytes(content[: len(content) // 2])
    pq.write_table(pa.table({"seed": [0]}).replace_schema_metadata({"convbias": "{"}), garbled)
    params = {"code": "abc", "first": 0, "last": 0, "learning_rate": 0.1}
    write_table(pa.table({"seed": [0]}), other, {"configuration": {**params, "code": "xyz", "learning_rate": 9.0}})
    write_table(pa.table({"seed": [3, 3]}), short, {"configuration": shards[1].params})
    with pytest.raises(ValueError, match=r"^Cannot build the table: ") as caught:
        list(collect([*shards, *(Shard(path, params) for path in (damaged, other, garbled))], SEEDS, []))
    head, *lines = str(caught.value).split("\n")
    assert head == "Cannot build the table: these files are damaged or out of date. Delete them and run again:"
    assert lines[0] == f"{short} does not have the rows of the seeds 3 to 4 in order"
    assert lines[1].startswith(f"{damaged} failed its checksum or was not written by this pipeline (")
    then, now = "code = 'xyz', learning_rate = 9.0", "code = 'abc', learning_rate = 0.1"
    assert lines[2] == f"{other} was computed with {then}; the configuration now has {now}"
    assert lines[3].startswith(f"{garbled} failed its checksum or was not written by this pipeline (")
    assert len(lines) == 4


def test_shards_with_rows_that_are_no_results_are_named(tmp_path):
    """Someone changed rows and computed the checksum anew."""
    schema = pa.schema([("seed", pa.int64()), ("d", pa.int32()), ("test_error", pa.float64())])
    params = {"code": "abc", "first": 0, "last": 1, "d": 20, "steps": 9}
    shards = []

    def shard(name, columns):
        shards.append(Shard(str(tmp_path / f"{name}.parquet"), params))
        table = pa.table(columns, pa.schema([schema.field(column) for column in columns if column in schema.names]))
        write_table(table, shards[-1].path, {"configuration": params})

    good = {"seed": [0, 1], "d": [20, 20], "test_error": [0.0, 0.5]}
    shard("good", good)
    [[only]] = collect(shards, schema, [])
    assert only.to_pydict() == good
    shard("wrong", good | {"test_error": [0.5, 7.0]})
    shard("none", good | {"test_error": [0.5, None]})
    shard("other", good | {"d": [20, 10]})
    shard("short", {"seed": [0, 1], "d": [20, 20]})
    write_table(pa.table(good | {"d": ["20", "20"]}), shards[-1].path, {"configuration": params})
    shard("less", {"seed": [0, 1], "d": [20, 20]})
    with pytest.raises(ValueError, match=r"^Cannot build the table: ") as caught:
        list(collect(shards, schema, []))
    must, lines = "must be a number from 0 to 1", str(caught.value).replace(f"{tmp_path}/", "").split("\n")[1:]
    assert lines == [
        f"wrong.parquet has rows that are no results: column test_error, row 1: {must}; found 7.0",
        f"none.parquet has rows that are no results: column test_error, row 1: {must}; found none",
        "other.parquet has rows that are no results: column d: must be 20 in all rows; found 20, 10",
        "short.parquet has other columns than its table: d string; expected d int32",
        "less.parquet has other columns than its table: test_error missing; expected test_error double",
    ]


def test_only_row_groups_with_requested_experiments_are_read(tmp_path, monkeypatch):
    schema = pa.schema([("experiment", pa.dictionary(pa.int32(), pa.string())), ("seed", pa.int64())])
    groups = [["a", "a"], ["a", "b"], ["b", "d"], ["d"]]
    tables = [
        pa.Table.from_pylist([{"experiment": name, "seed": 10 * i + j} for j, name in enumerate(names)], schema)
        for i, names in enumerate(groups)
    ]
    write_tables(schema, tables, path := str(tmp_path / "t.parquet"), lambda: {"configuration": MADE_BY})
    whole, provenance = read_table(path)
    assert whole.num_rows == 7 and provenance == {"configuration": MADE_BY} and pq.ParquetFile(path).num_row_groups == 4
    read, original = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda *own, **how: read.append(own[1]) or original(*own, **how)
    )
    for names, seeds, touched in (
        (["a"], [0, 1, 10], [0, 1]),
        (["b"], [11, 20], [1, 2]),
        (["c"], [], [2]),  # between b and d, so only the rows show that it is missing
        (["e"], [], []),
        (["d", "a"], [0, 1, 10, 21, 30], [0, 1, 2, 3]),
    ):
        found = read_table(path, names)[0]
        assert (found["seed"].to_pylist(), read) == (seeds, touched)
        assert found.schema == whole.schema and found.to_pandas()["experiment"].isin(names).all()
        read.clear()
        streamed = stream_frames([("linear", path)], names, {"linear": MADE_BY})["linear"]
        for number in touched:  # one after the other
            assert next(streamed)["seed"].isin(seeds).all() and read[-1] == number
        assert list(streamed) == [] and read == touched
        read.clear()


def test_tables_of_other_jobs_are_refused_and_all_of_them_are_named(tmp_path):
    made_by = {
        "good": MADE_BY,
        "seed": MADE_BY | {"root_seed": 2},
        "more": MADE_BY | {"k": None},
        "less": {"root_seed": 1},
    }
    paths = {name: str(tmp_path / f"{name}.parquet") for name in (*made_by, "empty", "text")}
    rows = pa.table({"experiment": ["own"], "seed": [3]})
    for name, params in made_by.items():
        write_table(rows, paths[name], {"configuration": params})
    write_table(rows, paths["empty"], {})
    Path(paths["text"]).write_text("text", encoding="utf-8")
    expected = dict.fromkeys(paths, MADE_BY)
    good = [("good", paths["good"])]
    assert read_expected(good, expected)["good"].to_pydict() == rows.to_pydict()
    assert list(read_frames(good, ["own"], expected)["good"]["seed"]) == [3]
    assert [list(frame["seed"]) for frame in stream_frames(good, ["own"], expected)["good"]] == [[3]]
    for read in (
        read_expected,
        read_provenances,
        lambda given, of: read_frames(given, ["own"], of),
        lambda given, of: stream_frames(given, ["own"], of),
    ):
        with pytest.raises(ValueError, match=r"^Cannot use these files: ") as caught:
            read(paths.items(), expected)
        head, *lines = str(caught.value).replace(f"{tmp_path}/", "").split("\n")
        assert head.endswith("they are damaged or come from other jobs. Delete them and run snakemake again:")
        now = "the configuration now has"
        assert lines[:4] == [
            f"seed.parquet was computed with root_seed = 2; {now} root_seed = 1",
            f"more.parquet was computed with k = None; {now} no k",
            f"less.parquet was computed with no code; {now} code = 'abc'",
            f"empty.parquet was computed with no code, no root_seed; {now} code = 'abc', root_seed = 1",
        ]
        assert lines[4].startswith("text.parquet failed its checksum or was not written by this pipeline (")
        assert len(lines) == 5


def test_flipped_bits_and_missing_bytes_are_always_noticed(tmp_path):
    """They are noticed in the rows, in the provenance, and in bytes that no reader uses."""
    path = tmp_path / "t.parquet"
    columns = {"seed": list(range(50)), "error": [0.1 * seed for seed in range(50)], "task": ["cls", "third"] * 25}
    write_table(pa.table(columns), str(path), {"commit": "1", "configuration": {"d": 10}})
    content = path.read_bytes()
    bits = range(0, 8 * len(content), 7)
    for damaged in (
        *(content[: bit // 8] + bytes([content[bit // 8] ^ 1 << bit % 8]) + content[bit // 8 + 1 :] for bit in bits),
        *(content[:end] for end in range(0, len(content), 11)),
        content + b"\0",
        b"",
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"t\.parquet failed its checksum or was not written by this pipeline"):
            read_table(str(path))
    path.write_bytes(content)
    assert read_table(str(path))[0].num_rows == 50


def test_temporary_files_of_a_killed_process_are_deleted(tmp_path):
    (tmp_path / ".file.123.part").write_text("half")
    (tmp_path / ".other.123.part").write_text("half")
    with atomic_write(tmp_path / "file") as temp_path:
        temp_path.write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.123.part", "file"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    def write(path):
        with atomic_write(path) as temp_path:
            temp_path.write_text("new")

    with pytest.raises(OSError, match=r"^Could not write .*missing/file: no such file or directory\. Free some space "):
        write(tmp_path / "missing" / "file")


def job(where, log, program):
    """Run a program as Snakemake runs a script."""
    (script := where / "tmp.job.py").write_text(f"""
from types import SimpleNamespace
from convbias_pipeline.run.begin import begin_job
begin_job(SimpleNamespace(log=[{log!r}], params={{}}, scriptdir={str(ROOT / "workflow/scripts")!r}))
{program}
""")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow" / "scripts")}
    command = [sys.executable, script]
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        ("raise ValueError('why')", ["ValueError: why"]),
        ("np.empty(2**50)", ["MemoryError", "The job ran out of memory: lower seeds_per_job."]),
    ],
)
@pytest.mark.parametrize("log", ["log", "/dev/full"])
def test_an_error_goes_to_the_log_or_if_that_is_full_to_the_terminal(tmp_path, failing, expected, log):
    done = job(tmp_path, log, f"import numpy as np; {failing}")
    here, there = (tmp_path / "log").read_text() if log == "log" else done.stderr, done.stderr if log == "log" else ""
    assert (
        done.returncode == 1 and all(words in here for words in expected) and here.startswith("Traceback") and not there
    )


def test_a_parquet_file_of_another_program_is_refused(tmp_path):
    path = str(tmp_path / "foreign.parquet")
    pq.write_table(pa.table({"seed": [0]}), path)
    with pytest.raises(ValueError, match=r"foreign\.parquet failed its checksum or was not written by this pipeline"):
        read_table(path)
    with pytest.raises(ValueError, match="was not written by this pipeline"):
        read_provenance(path)


def test_a_job_writes_and_reads_a_table_and_logs_its_output(tmp_path):
    program = """
from convbias_pipeline.store.files import read_table, write_table
from convbias.columns import build
from convbias.linear.tables import POINTS, read_points
write_table(build(POINTS, {"seed": [0], "points": [[1, 2]]}), "table.parquet", {})
print(read_points(read_table("table.parquet")[0]))
"""
    done = job(tmp_path, "log", program)
    assert (tmp_path / "log").read_text() == "[[1 2]]\n" and not done.stdout + done.stderr and not done.returncode


def test_no_file_that_is_read_can_run_code():
    """There are no pickles, and YAML is read with safe loaders only."""
    for file in (ROOT / "workflow" / "scripts").rglob("*.py"):
        text = file.read_text()
        assert not re.search(
            r"pickle|marshal|shelve|joblib|torch\.load|np\.load\b|\beval\(|\bexec\(|unsafe|FullLoader", text
        ), file
        assert all(", LOADER)" in line or "safe_load" in line for line in re.findall(r".*yaml\.\w*load.*", text)), file
