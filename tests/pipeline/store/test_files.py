import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from convbias_pipeline.jobs.shards import Part
from convbias_pipeline.store import collection
from convbias_pipeline.store.collection import collect
from convbias_pipeline.store.files import atomic_write, read_table, stream_frames, write_table, write_tables
from convbias_pipeline.store.provenance import provenance

ROOT = Path(__file__).parents[1]


@pytest.fixture
def shards(tmp_path):
    """Two parts of a table."""
    parts = []
    for first, last in ((0, 2), (3, 4)):
        path, spec = str(tmp_path / f"seeds{first}-{last}.parquet"), {"code": "abc", "first": first, "last": last}
        seeds = list(range(first, last + 1))
        write_table(pa.table({"seed": seeds}), path, {"commit": "1", "configuration": spec})
        parts.append(Part(path, spec))
    return parts


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def stop_half_way():
        with atomic_write(path) as beside:
            beside.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with atomic_write(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_table_keeps_its_provenance(tmp_path):
    origin = provenance({"d": 10})
    write_table(pa.table({"seed": [1]}), str(tmp_path / "t.parquet"), origin)
    table, read = read_table(str(tmp_path / "t.parquet"))
    assert table["seed"].to_pylist() == [1] and read == json.loads(json.dumps(origin))
    assert {"commit", "dirty", "lock", "libraries", "device", "configuration"} <= set(read)
    assert read["libraries"]["torch"] and read["configuration"] == {"d": 10}


def test_parts_are_collected_in_order_and_in_groups(shards, monkeypatch):
    origins = []
    [group] = collect(shards, origins)
    assert [table["seed"].to_pylist() for table in group] == [[0, 1, 2], [3, 4]]
    assert origins == [{"commit": "1"}]
    monkeypatch.setattr(collection, "GROUP_BYTES", 3 * 8 + collection.PART_BYTES)
    groups = list(collect([*shards, *shards], []))
    assert [[table.num_rows for table in group] for group in groups] == [[3], [2, 3], [2]]


def test_every_part_that_does_not_belong_is_named(shards, tmp_path):
    good, short = (part.path for part in shards)
    damaged, other, garbled = (str(tmp_path / f"{name}.parquet") for name in ("damaged", "other", "garbled"))
    content = Path(good).read_bytes()
    Path(damaged).write_bytes(content[: len(content) // 2])
    pq.write_table(pa.table({"seed": [0]}).replace_schema_metadata({"convbias": "{"}), garbled)
    wanted = {"code": "abc", "first": 0, "last": 0, "learning_rate": 0.1}
    write_table(pa.table({"seed": [0]}), other, {"configuration": {**wanted, "code": "xyz", "learning_rate": 9.0}})
    write_table(pa.table({"seed": [3, 3]}), short, {"configuration": shards[1].spec})
    with pytest.raises(ValueError, match=r"^Nothing is collected") as caught:
        list(collect([*shards, *(Part(path, wanted) for path in (damaged, other, garbled))], []))
    head, *lines = str(caught.value).split("\n")
    assert head == "Nothing is collected. Delete the files named here and run again:"
    assert lines[0] == f"{short} should have its rows for each seed from 3 to 4, in order"
    assert lines[1].startswith(f"{damaged} is damaged or was not written by this pipeline (")
    assert lines[2] == f"{other} comes from another job (code = 'xyz', now 'abc', learning_rate = 9.0, now 0.1)"
    assert lines[3].startswith(f"{garbled} is damaged or was not written by this pipeline (")
    assert len(lines) == 4


def test_rows_of_some_experiments_are_read_alone(tmp_path, monkeypatch):
    """Row groups without any are left on the disk."""
    schema = pa.schema([("experiment", pa.dictionary(pa.int32(), pa.string())), ("seed", pa.int64())])
    groups = [["a", "a"], ["a", "b"], ["b", "d"], ["d"]]
    tables = [
        pa.Table.from_pylist([{"experiment": name, "seed": 10 * i + j} for j, name in enumerate(names)], schema)
        for i, names in enumerate(groups)
    ]
    write_tables(schema, tables, path := str(tmp_path / "t.parquet"), lambda: {"commit": "1"})
    whole, origin = read_table(path)
    assert whole.num_rows == 7 and origin == {"commit": "1"} and pq.ParquetFile(path).num_row_groups == 4
    read, original = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda *own, **how: read.append(own[1]) or original(*own, **how)
    )
    for names, seeds, touched in (
        (["a"], [0, 1, 10], [0, 1]),
        (["b"], [11, 20], [1, 2]),
        (["c"], [], [2]),  # between b and d: only the rows tell
        (["e"], [], []),
        (["d", "a"], [0, 1, 10, 21, 30], [0, 1, 2, 3]),
    ):
        found = read_table(path, names)[0]
        assert (found["seed"].to_pylist(), read) == (seeds, touched)
        assert found.schema == whole.schema and found.to_pandas()["experiment"].isin(names).all()
        read.clear()
        streamed = stream_frames([("linear", path)], names)["linear"]
        for number in touched:  # one after the other
            assert next(streamed)["seed"].isin(seeds).all() and read[-1] == number
        assert list(streamed) == [] and read == touched
        read.clear()


def test_no_flipped_bit_and_no_missing_byte_is_ever_read(tmp_path):
    """Be it in the rows, in the provenance or in what nothing reads."""
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
        with pytest.raises(ValueError, match=r"t\.parquet is damaged or was not written by this pipeline"):
            read_table(str(path))
    path.write_bytes(content)
    assert read_table(str(path))[0].num_rows == 50


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    (tmp_path / ".file.123.part").write_text("half")
    (tmp_path / ".other.123.part").write_text("half")
    with atomic_write(tmp_path / "file") as beside:
        beside.write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.123.part", "file"]


def test_what_could_not_be_written_is_named(tmp_path):
    def write(path):
        with atomic_write(path) as beside:
            beside.write_text("new")

    with pytest.raises(OSError, match=r"missing/file was not written \(No such file or directory\); mend that and"):
        write(tmp_path / "missing" / "file")


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ("raise ValueError('why')", ["ValueError: why"]),
        ("np.empty(2**50)", ["MemoryError", "The job ran out of memory: a smaller seeds_per_job needs less."]),
    ],
)
@pytest.mark.parametrize("log", ["log", "/dev/full"])
def test_an_error_goes_to_the_log_or_else_to_the_terminal(tmp_path, failing, told, log):
    program = f"import numpy as np; from pipeline.files import begin_job; begin_job({log!r}); {failing}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow" / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    here, there = (tmp_path / "log").read_text() if log == "log" else done.stderr, done.stderr if log == "log" else ""
    assert done.returncode == 1 and all(words in here for words in told) and here.startswith("Traceback") and not there


def test_a_parquet_file_of_another_program_is_refused(tmp_path):
    path = str(tmp_path / "foreign.parquet")
    pq.write_table(pa.table({"seed": [0]}), path)
    with pytest.raises(ValueError, match=r"foreign\.parquet is damaged or was not written by this pipeline"):
        read_table(path)


def test_jobs_that_need_no_pandas_do_not_load_it(tmp_path):
    """pyarrow would, as soon as it builds an array."""
    program = """
import sys
from pipeline.files import begin_job, read_table, write_table
begin_job("log", pandas=bool(sys.argv[1:]))
from convbias.tables import build
from convbias.tables.linear import POINTS, points_of
write_table(build(POINTS, {"seed": [0], "points": [[1, 2]]}), "table.parquet", {})
print(points_of(read_table("table.parquet")[0]), bool(sys.modules.get("pandas")))
"""
    for arguments, loaded in (([], False), (["pandas"], True)):
        command = [sys.executable, "-c", program, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow" / "scripts")}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
        assert (tmp_path / "log").read_text() == f"[[1 2]] {loaded}\n"


def test_nothing_that_is_read_can_run_code():
    """No pickles, and of YAML only what is safe."""
    for file in (ROOT / "workflow" / "scripts").rglob("*.py"):
        text = file.read_text()
        assert not re.search(
            r"pickle|marshal|shelve|joblib|torch\.load|np\.load|\beval\(|\bexec\(|unsafe|FullLoader", text
        ), file
        assert all("_LOADER" in line or "safe_load" in line for line in re.findall(r".*yaml\.\w*load.*", text)), file
