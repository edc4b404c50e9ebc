"""Files without a provenance record, which Snakemake would take for current."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from snakemake.persistence.file import FilePersistence

from convbias_pipeline.run import unrecorded
from convbias_pipeline.run.folder import FolderError, keep_records
from convbias_pipeline.store.files import write_table

RESULTS, STATE = Path("results"), Path(".snakemake")
PARAMS = {"code": "abc", "table": "linear"}
LONG = f"results/runs/{'own' * 60}/{'other' * 30}/seeds0-1.parquet"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep_records(RESULTS, STATE)
    (RESULTS / "tables").mkdir()


def write(file, text="{}"):
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text, encoding="utf-8")


def record(file, params=(), text=None):
    content = json.dumps({"params": [repr(value) for value in params]}) if text is None else text
    write(unrecorded.entry(RESULTS / "records", file), content)


def sign(file, params=None):
    unrecorded.sign(RESULTS, Path(file), Path(file), params or {})


def marked(files):
    unrecorded.mark(RESULTS, STATE)
    return {file for file in files if unrecorded.entry(RESULTS / "incomplete", file).exists()}


@pytest.mark.parametrize("file", ["results/figures/fig2.pdf", LONG])
def test_records_and_marks_are_where_snakemake_has_them(file):
    state = FilePersistence(nolock=True, path=Path.cwd() / STATE)
    for name in ("metadata", "incomplete"):
        place = unrecorded.entry(STATE / name, file)
        assert str(place.absolute()) == state._record_path(str(Path.cwd() / STATE / name), file)
        assert len(place.parts) == (4 if file == LONG else 3)


def test_files_without_a_complete_record_are_marked():
    files = ["results/claims.html", "results/figures/fig2.pdf", "results/datasets/cls/seeds0-1.parquet", LONG]
    for file in files:
        write(file)
        sign(file)
        record(file)
    assert marked(files) == set()
    write(files[0])
    record(files[1], text="")
    record(files[2], text='{"params": [')
    for file in (files[0], LONG):
        unrecorded.entry(RESULTS / "records", file).unlink()
    assert marked(files) == set(files)
    state = FilePersistence(nolock=True, path=Path.cwd() / STATE)
    assert state._filter_incomplete_keys(files) == set(files) and state._get_external_jobids(files) == set()


def test_files_that_are_no_results_are_not_marked():
    files = ["results/.lock", "results/logs/a.log", "results/benchmarks/a.tsv", "results/mnist/SHA256SUMS"]
    for file in (*files, "results/tables/.a.parquet.12.part", "results/records/own", "results/incomplete/own"):
        write(file)
    assert marked([*files, "results/tables/.a.parquet.12.part", "results/records/own"]) == set()
    assert os.listdir(RESULTS / "incomplete") == ["own"]


def test_tables_that_are_not_those_of_their_record_are_marked():
    """Someone copied a table over another one, or damaged it."""
    files = [f"results/tables/{name}.parquet" for name in ("good", "foreign", "damaged", "without")]
    made_by = (PARAMS, PARAMS | {"code": "xyz"}, PARAMS)
    for file, params in zip(files, made_by, strict=False):
        write_table(pa.table({"seed": [1]}), file, {"configuration": params})
    Path(files[2]).write_bytes(Path(files[2]).read_bytes()[:-1])
    write_table(pa.table({"seed": [1]}), files[3], {})
    for file in files:
        record(file, [PARAMS, {"path": "results/runs"}])
    assert marked(files) == set(files[1:])


def test_figures_and_pages_that_are_not_those_of_their_record_are_marked():
    """Someone copied a file over another one, with or without what its job had noted of it, or edited it."""
    files = [f"results/figures/{name}.csv" for name in ("good", "foreign", "edited", "unsigned", f"{'long' * 60}")]
    made_by = (PARAMS, PARAMS | {"code": "xyz"}, PARAMS, None, PARAMS)
    for file, params in zip(files, made_by, strict=True):
        write(file)
        record(file, [PARAMS, {"path": "results/runs"}])
        if params:
            sign(file, params)
    write(files[2], "other")
    write("results/times.csv")
    record("results/times.csv", ["results/benchmarks"])
    sign("results/times.csv")  # its rule has no params of this kind
    write("results/report.html")
    record("results/report.html")
    assert marked([*files, "results/times.csv", "results/report.html"]) == set(files[1:4])


def test_a_file_that_is_marked_stays_so():
    """A job of another run is in flight: its mark holds the job's number on a cluster."""
    write("results/claims.md")
    mark = unrecorded.entry(RESULTS / "incomplete", "results/claims.md")
    write(mark, '{"external_jobid": "17"}')
    assert marked(["results/claims.md"]) == {"results/claims.md"} and "17" in mark.read_text()


def test_a_mark_that_cannot_be_written_is_reported():
    write("results/claims.md")
    os.rmdir(RESULTS / "incomplete")
    write(RESULTS / "incomplete", "a file")
    with pytest.raises(FolderError, match=r"^results cannot be written to \(File exists\)"):
        unrecorded.mark(RESULTS, STATE)
