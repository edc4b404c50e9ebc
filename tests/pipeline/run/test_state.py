"""Snakemake's state when Snakemake opens it: in a run, and in a dry run, which writes nothing."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError

from convbias_pipeline.run import state
from convbias_pipeline.run.unrecorded import entry, sign

RESULTS = Path("results")
FILES = [f"results/figures/{name}.pdf" for name in ("recorded", "moved", "marked", "unrecorded")]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Results of another checkout, copied here with their records, and a record and a mark of a run here."""
    monkeypatch.setattr(state, "_results", [])
    monkeypatch.setattr(state.snakemake.workflow, "FilePersistence", state.snakemake.workflow.FilePersistence)
    (tmp_path / "checkout").mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    for file in FILES:
        write(Path(file))
        sign(RESULTS, Path(file), Path(file), {})
    for place in ("results/records", ".snakemake/metadata", "results/incomplete"):
        Path(place).mkdir(parents=True)
    for place, file in zip(("results/records", ".snakemake/metadata", "results/incomplete"), FILES, strict=False):
        write(entry(Path(place), file))
    write(entry(Path("results/records"), FILES[2]))


def write(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{"rule": "own"}', encoding="utf-8")


def workflow(tmp_path, dryrun):
    settings = SimpleNamespace(max_checksum_file_size=0)
    own = SimpleNamespace(
        dryrun=dryrun, is_main_process=True, snakemake_tmp_dir=tmp_path / "temporary", dag_settings=settings
    )
    state.prepare(own, RESULTS)
    state.prepare(own, RESULTS)
    return own


def opened(workflow, **options):
    """As Snakemake opens it."""
    return state.snakemake.workflow.FilePersistence(
        dag=SimpleNamespace(workflow=workflow), nolock=True, warn_only=workflow.dryrun, **options
    )


def tree(folder):
    paths = sorted(folder.rglob("*"))
    return {path: os.readlink(path) if path.is_symlink() else path.stat().st_mtime_ns for path in paths}


def answers(persistence):
    """What Snakemake reads of each file to plan its jobs."""
    return persistence._filter_incomplete_keys(FILES), [bool(persistence._read_record(file)) for file in FILES]


@pytest.mark.parametrize("kept", [False, True])
def test_a_dry_run_reads_what_a_run_reads_and_writes_nothing(tmp_path, kept):
    """The second time, a run has moved all records to the results."""
    if kept:
        opened(workflow(tmp_path, dryrun=False))
        entry(RESULTS / "incomplete", FILES[3]).unlink()
    before = tree(Path.cwd())
    dry = opened(workflow(tmp_path, dryrun=True))
    assert answers(dry) == ({FILES[2], FILES[3]}, [True, True, True, False])
    assert tree(Path.cwd()) == before
    assert answers(opened(workflow(tmp_path, dryrun=False))) == answers(dry)
    assert tree(Path.cwd()) != before
    assert Path(".snakemake/metadata").resolve() == Path("results/records").resolve()


def test_a_dry_run_needs_no_results(tmp_path):
    for path in sorted(Path.cwd().rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert answers(opened(workflow(tmp_path, dryrun=True))) == (set(), [False] * 4)
    assert [*Path.cwd().iterdir()] == []


def test_a_dry_run_looks_for_environments_where_a_run_makes_them(tmp_path):
    own = workflow(tmp_path, dryrun=True)
    dry = opened(own)
    own.snakemake_tmp_dir = tmp_path / "second"
    given = opened(own, conda_prefix=tmp_path / "conda", singularity_prefix=tmp_path / "images")
    run = opened(workflow(tmp_path, dryrun=False))
    assert (dry.conda_env_path, dry.container_img_path) == (run.conda_env_path, run.container_img_path)
    assert (given.conda_env_path, given.container_img_path) == (str(tmp_path / "conda"), str(tmp_path / "images"))


def test_a_run_leaves_the_results_of_other_workflows(tmp_path):
    workflow(tmp_path, dryrun=False)
    before = tree(RESULTS)
    opened(SimpleNamespace(dryrun=False, is_main_process=True, dag_settings=SimpleNamespace(max_checksum_file_size=0)))
    assert tree(RESULTS) == before


def test_results_that_cannot_be_written_end_a_run_with_the_reason(tmp_path):
    own = workflow(tmp_path, dryrun=False)
    RESULTS.rename("elsewhere")
    RESULTS.touch()
    with pytest.raises(WorkflowError, match=r"results cannot be written to \(Not a directory\)"):
        opened(own)
