"""One short sequence of attacks, and whether wrong results are found. ``make torture`` runs many random sequences."""

import pyarrow as pa
import pytest

import torture
from convbias_pipeline.store.files import read_table, write_table


@pytest.fixture
def references(undisturbed, tmp_path):
    return torture.References(torture.Runs(tmp_path), {torture.State(): undisturbed})


def test_results_after_edits_kills_and_copies_equal_those_of_a_fresh_run(references):
    attacks = ["edit_settings", "kill_at_moment", "copy_to_clone", "edit_code", "kill_snakemake"]
    sequence, wrong = torture.attack(7, references, attacks, back=True)
    assert wrong is None, sequence.done


def test_a_wrong_row_and_a_wrong_figure_are_found(references, monkeypatch):
    monkeypatch.setattr(torture.Runs, "complete", lambda *_: (0, "Nothing to be done"))

    def spoil(sequence):
        file = str(sequence.where / "results/tables/linear.parquet")
        table, provenance = read_table(file)
        rows = table.to_pylist()
        rows[3]["steps"] += 1
        write_table(pa.Table.from_pylist(rows, table.schema), file, provenance)
        (sequence.where / "results/figures/wu2019-fig4.csv").write_text("")

    monkeypatch.setattr(torture.Sequence, "spoil", spoil, raising=False)
    assert torture.attack(1, references, [], back=True)[1] is None
    _, wrong = torture.attack(2, references, ["spoil"], back=True)
    assert wrong.startswith("linear.parquet, wu2019-fig4.csv differ from a fresh run of State(root_seed=2019, seeds=4")
    assert "linear.parquet: 1 of 24 rows (found 24), ['steps']; first {'experiment': 'wu2019-fig2'" in wrong


def test_refused_files_are_deleted_and_other_failures_are_reported(references, monkeypatch):
    name = "results/datasets/cls/d10/n3/seeds0-1.parquet"
    outputs = [(1, f"ValueError: {name} was computed with root_seed = 1; ... Delete it and run again."), (0, "")]
    monkeypatch.setattr(torture.Runs, "complete", lambda *_: outputs.pop(0))
    sequence, wrong = torture.attack(1, references, [], back=True)
    assert wrong is None and not (sequence.where / name).exists() and sequence.counts["refused: files"] == 1
    outputs = [(1, "Traceback")]
    _, wrong = torture.attack(2, references, [], back=True)
    assert wrong == "the last command failed without naming a file:\nTraceback"
