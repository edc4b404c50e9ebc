from pathlib import Path

import pyarrow as pa
import pytest

from convbias_pipeline.jobs.shards import Part, cover, pack, unpack
from convbias_pipeline.store.collection import collect
from convbias_pipeline.store.files import write_table

SETTINGS = {"experiment": "own", "n_train": 10}


def spec(job, code="abc"):
    return {**job, "code": code}


def block(first, last):
    return {**SETTINGS, "first": first, "last": last}


@pytest.fixture
def path(tmp_path):
    return f"{tmp_path}/{{experiment}}/n{{n_train}}/seeds{{first}}-{{last}}.parquet"


def make(path, first, last, **spoiled):
    job = block(first, last)
    Path(path.format(**job)).parent.mkdir(parents=True, exist_ok=True)
    origin = {"configuration": {**spec(job), **spoiled}}
    write_table(pa.table({"seed": list(range(first, last + 1))}), path.format(**job), origin)


def covered(path, planned):
    """The blocks that are used for those that are planned, and where they are cut."""
    parts = list(cover([block(*ends) for ends in planned], path, spec))
    assert all(path.format(**{name: part.spec[name] for name in block(0, 0)}) == part.path for part in parts)
    ends = {(part.spec["first"], part.spec["last"]): part.upto for part in parts}
    return list(ends), {block: upto for block, upto in ends.items() if upto is not None}


@pytest.mark.parametrize(
    ("there", "planned", "used", "cuts"),
    [
        pytest.param([], [(0, 3), (4, 5)], [(0, 3), (4, 5)], {}, id="nothing is there"),
        pytest.param([(0, 3), (4, 5)], [(0, 3), (4, 5)], [(0, 3), (4, 5)], {}, id="all is there"),
        pytest.param([(0, 3), (0, 5)], [(0, 3)], [(0, 3)], {}, id="what is planned comes first"),
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
def test_blocks_that_are_there_take_the_place_of_those_that_are_not(path, there, planned, used, cuts):
    for ends in there:
        make(path, *ends)
    assert covered(path, planned) == (used, cuts)
    for ends in set(used) - set(there):
        make(path, *ends)
    assert covered(path, planned) == (used, cuts)  # and so it stays
    [tables] = collect(cover([block(*ends) for ends in planned], path, spec), [])
    assert [seed for table in tables for seed in table["seed"].to_pylist()] == list(range(planned[-1][1] + 1))


def test_what_other_code_made_or_is_damaged_takes_no_place(path):
    make(path, 0, 5, code="xyz")
    make(path, 0, 4, learning_rate=0.1)
    make(path, 0, 3)
    broken = Path(path.format(**block(0, 3)))
    broken.write_bytes(broken.read_bytes()[:-1])
    (broken.parent / "seeds0-9.txt").touch()
    (broken.parent / "seeds-of-mine.parquet").touch()
    assert covered(path, [(0, 2)]) == ([(0, 2)], {})


def test_files_of_other_settings_are_apart(path):
    make(path, 0, 5)
    jobs = [{**block(0, 2), "n_train": n} for n in (5, 10)]
    assert [(part.spec["last"], part.upto) for part in cover(jobs, path, spec)] == [(2, None), (5, 2)]


def test_jobs_without_seeds_are_what_they_are(tmp_path):
    [part] = cover([{"experiment": "own"}], f"{tmp_path}/{{experiment}}.parquet", spec)
    assert part == Part(f"{tmp_path}/own.parquet", {"experiment": "own", "code": "abc"})


def test_packed_parts_say_once_what_they_have_in_common(path):
    make(path, 0, 5)
    jobs = [
        {**block(*ends), "n_train": n, "experiment": name}
        for n in range(1, 1001)
        for name in ("own", "other")
        for ends in ((0, 2), (3, 4))
    ]
    parts = list(cover(jobs, path, spec))
    packed = pack(parts, path)
    unpacked = {part.path: part for part in unpack(packed)}
    assert unpacked == {part.path: part for part in parts} and sum(part.upto == 4 for part in parts) == 1
    assert len(packed["groups"]) == 2 and len(repr(packed)) < 50 * len(parts) < len(repr(parts)) / 3
    assert list(unpack(pack([], path))) == []
