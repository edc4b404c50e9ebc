from pathlib import Path

import pyarrow as pa
import pytest

from convbias_pipeline.jobs.shards import Shard, cover, pack, rows_of, unpack
from convbias_pipeline.store.collection import collect
from convbias_pipeline.store.files import write_table

SEEDS = pa.schema([("seed", pa.int64())])
SETTINGS = {"experiment": "own", "n_train": 10}


def params(job, code="abc"):
    return {**job, "code": code}


def block(first, last):
    return {**SETTINGS, "first": first, "last": last}


@pytest.fixture
def path(tmp_path):
    return f"{tmp_path}/{{experiment}}/n{{n_train}}/seeds{{first}}-{{last}}.parquet"


def make(path, first, last, **spoiled):
    job = block(first, last)
    Path(path.format(**job)).parent.mkdir(parents=True, exist_ok=True)
    provenance = {"configuration": {**params(job), **spoiled}}
    write_table(pa.table({"seed": list(range(first, last + 1))}), path.format(**job), provenance)


def covered(path, planned):
    """The blocks of seeds that are used in place of the planned ones, and the last seed of each that is cut."""
    shards = list(cover([block(*ends) for ends in planned], path, params))
    assert all(path.format(**{name: shard.params[name] for name in block(0, 0)}) == shard.path for shard in shards)
    ends = {(shard.params["first"], shard.params["last"]): shard.upto for shard in shards}
    return list(ends), {block: upto for block, upto in ends.items() if upto is not None}


@pytest.mark.parametrize(
    ("there", "planned", "used", "cuts"),
    [
        pytest.param([], [(0, 3), (4, 5)], [(0, 3), (4, 5)], {}, id="no files"),
        pytest.param([(0, 3), (4, 5)], [(0, 3), (4, 5)], [(0, 3), (4, 5)], {}, id="all files"),
        pytest.param([(0, 3), (0, 5)], [(0, 3)], [(0, 3)], {}, id="planned files come first"),
        pytest.param([(0, 5)], [(0, 2)], [(0, 5)], {(0, 5): 2}, id="fewer seeds"),
        pytest.param([(0, 3), (4, 7)], [(0, 3), (4, 4)], [(0, 3), (4, 7)], {(4, 7): 4}, id="fewer, in the last block"),
        pytest.param([(0, 2)], [(0, 5)], [(0, 2), (3, 5)], {}, id="more seeds"),
        pytest.param([(0, 3)], [(0, 3), (4, 7)], [(0, 3), (4, 7)], {}, id="more, in a new block"),
        pytest.param([(0, 1), (2, 3), (4, 5)], [(0, 5)], [(0, 1), (2, 3), (4, 5)], {}, id="longer blocks"),
        pytest.param([(0, 5)], [(0, 1), (2, 3), (4, 5)], [(0, 5)], {}, id="shorter blocks"),
        pytest.param([(0, 1), (4, 5)], [(0, 5)], [(0, 1), (2, 3), (4, 5)], {}, id="a gap"),
        pytest.param([(2, 3)], [(0, 5)], [(0, 1), (2, 3), (4, 5)], {}, id="an island"),
        pytest.param([(0, 1), (0, 3)], [(0, 5)], [(0, 3), (4, 5)], {}, id="the longest"),
        pytest.param([(1, 9)], [(0, 2)], [(0, 0), (1, 9)], {(1, 9): 2}, id="an overlap"),
    ],
)
def test_existing_blocks_replace_missing_ones(path, there, planned, used, cuts):
    for ends in there:
        make(path, *ends)
    assert covered(path, planned) == (used, cuts)
    for ends in set(used) - set(there):
        make(path, *ends)
    assert covered(path, planned) == (used, cuts)  # the new files change nothing
    [tables] = collect(cover([block(*ends) for ends in planned], path, params), SEEDS, [])
    assert [seed for table in tables for seed in table["seed"].to_pylist()] == list(range(planned[-1][1] + 1))


def test_damaged_files_and_files_of_other_code_are_not_used(path):
    make(path, 0, 5, code="xyz")
    make(path, 0, 4, learning_rate=0.1)
    make(path, 0, 3)
    broken = Path(path.format(**block(0, 3)))
    broken.write_bytes(broken.read_bytes()[:-1])
    (broken.parent / "seeds0-9.txt").touch()
    (broken.parent / "seeds-of-mine.parquet").touch()
    assert covered(path, [(0, 2)]) == ([(0, 2)], {})


def test_each_sample_size_has_its_own_files(path):
    make(path, 0, 5)
    jobs = [{**block(0, 2), "n_train": n} for n in (5, 10)]
    assert [(shard.params["last"], shard.upto) for shard in cover(jobs, path, params)] == [(2, None), (5, 2)]


def test_a_job_without_seeds_is_one_shard(tmp_path):
    [shard] = cover([{"experiment": "own"}], f"{tmp_path}/{{experiment}}.parquet", params)
    assert shard == Shard(f"{tmp_path}/own.parquet", {"experiment": "own", "code": "abc"})


def test_packed_shards_store_common_params_once(path):
    make(path, 0, 5)
    jobs = [
        {**block(*ends), "n_train": n, "experiment": name}
        for n in range(1, 1001)
        for name in ("own", "other")
        for ends in ((0, 2), (3, 4))
    ]
    shards = list(cover(jobs, path, params))
    packed = pack(shards, path)
    unpacked = {shard.path: shard for shard in unpack(packed)}
    assert unpacked == {shard.path: shard for shard in shards} and sum(shard.upto == 4 for shard in shards) == 1
    assert len(packed["groups"]) == 2 and len(repr(packed)) < 50 * len(shards) < len(repr(shards)) / 3
    assert list(unpack(pack([], path))) == []


def test_the_hash_of_the_rows_depends_on_settings_and_seeds_but_not_on_blocks(path):
    def hashed(*ends, **changed):
        jobs = [{**block(*one), "n_train": n, **changed} for n in (5, 10) for one in ends]
        return rows_of(pack(cover(jobs, path, params), path))

    rows = hashed((0, 2), (3, 4))
    make(path, 0, 5)  # of 10 samples
    assert {hashed((0, 4)), hashed((0, 1), (2, 4)), hashed((0, 2), (3, 4))} == {rows}
    others = [hashed((0, 5)), hashed((0, 3)), hashed((0, 4), experiment="other"), hashed((0, 4), learning_rate=0.1)]
    assert len({rows, *others}) == 5
