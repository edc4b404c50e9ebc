"""One short sequence of attacks. ``make torture`` runs many long random ones."""

import torture


def test_results_after_edits_kills_and_copies_equal_those_of_a_fresh_run(undisturbed, tmp_path):
    references = torture.References(torture.Runs(tmp_path), {torture.State(): undisturbed})
    attacks = ["edit_settings", "kill_at_rename", "copy_to_clone", "edit_code", "kill_snakemake"]
    sequence, wrong = torture.attack(7, references, attacks, back=True)
    assert wrong is None, sequence.done
