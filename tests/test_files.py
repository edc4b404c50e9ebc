import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.collection import collect
from pipeline.files import read_table, whole, write_table
from pipeline.provenance import provenance


@pytest.fixture
def shards(tmp_path):
    """Two parts of a table, with what is expected of them."""
    expected = {}
    for block, seeds in enumerate([[0, 1, 2], [3, 4]]):
        path = str(tmp_path / f"seeds{seeds[0]}-{seeds[-1]}.parquet")
        write_table(pa.table({"seed": seeds, "task": ["cls"] * len(seeds)}), path, {"configuration": {"code": "abc"}})
        expected[path] = {"code": "abc", "task": "cls", "first": 3 * block, "last": seeds[-1]}
    return expected


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def stop_half_way():
        with whole(path) as beside:
            beside.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with whole(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_table_keeps_its_provenance(tmp_path):
    origin = provenance({"d": 10})
    write_table(pa.table({"seed": [1]}), str(tmp_path / "t.parquet"), origin)
    table, read = read_table(str(tmp_path / "t.parquet"))
    assert table["seed"].to_pylist() == [1] and read == json.loads(json.dumps(origin))
    assert {"commit", "dirty", "lock", "libraries", "device", "configuration"} <= set(read)
    assert read["libraries"]["torch"] and read["configuration"] == {"d": 10}


def test_parts_are_collected_in_order(shards):
    tables, origins = collect(shards)
    assert [table["seed"].to_pylist() for table in tables] == [[0, 1, 2], [3, 4]]
    assert origins == [{"configuration": {"code": "abc"}}]


def test_every_part_that_does_not_belong_is_named(shards, tmp_path):
    good, short = shards
    damaged, other, empty = (str(tmp_path / f"{name}.parquet") for name in ("damaged", "other", "empty"))
    content = Path(good).read_bytes()
    Path(damaged).write_bytes(content[: len(content) // 2])
    Path(empty).touch()
    write_table(pa.table({"seed": [0], "task": ["chess"]}), other, {"configuration": {"code": "xyz"}})
    wanted = {"code": "abc", "task": "cls", "first": 0, "last": 0}
    with pytest.raises(ValueError, match=r"^Nothing is collected") as caught:
        collect({**shards, short: {**shards[short], "last": 5}, damaged: wanted, other: wanted, empty: wanted})
    head, *lines = str(caught.value).split("\n")
    assert head == "Nothing is collected. Delete the files named here and run again:"
    assert lines[0] == f"{short} should have one row for each seed from 3 to 5, in order"
    assert lines[1].startswith(f"{damaged} is damaged or was not written by this pipeline (")
    assert lines[2] == f"{other} was made by other code (fingerprint xyz, now abc)"
    assert lines[3] == f"{other}: task should be 'cls' in every row"
    assert lines[4].startswith(f"{empty} is damaged or was not written by this pipeline (")
    assert len(lines) == 5


def test_a_parquet_file_of_another_program_is_refused(tmp_path):
    import pyarrow.parquet as pq

    path = str(tmp_path / "foreign.parquet")
    pq.write_table(pa.table({"seed": [0]}), path)
    with pytest.raises(ValueError, match=r"foreign\.parquet is damaged or was not written by this pipeline"):
        read_table(path)
