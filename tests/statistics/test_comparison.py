"""The rows and numbers that claims compare: by setting, by quantity, and by seed."""

import pandas as pd
import pytest

from convbias.statistics.comparison import counted, each, errors_by, quantities
from convbias.statistics.evidence import InsufficientData
from made_brutzkus2021 import networks, theory


def test_each_number_comes_from_the_first_experiment_that_has_it(rng):
    rows = [("one", 10), ("two", 10), ("two", 20), ("three", 30)]
    table = pd.concat([networks(name, rng, "mlp", {50: 0.1}, n_patterns=n) for name, n in rows])
    found = each(table, ["two", "one"], "n_patterns", model="mlp")
    assert {n: set(part["experiment"]) for n, part in found.items()} == {10: {"two"}, 20: {"two"}}
    with pytest.raises(InsufficientData, match=r"^no rows with n_patterns = any, model = svm in one$"):
        each(table, ["one"], "n_patterns", model="svm")


def test_quantities_are_columns():
    rows = [{"quantity": name, "d": d, "value": d * factor} for d in (4, 8) for name, factor in (("a", 1), ("b", 2))]
    found = quantities(theory(rows), ["own"], ("a", "b"), "d")["value"]
    assert found["b"].tolist() == [8, 16] and list(found.index) == [4, 8]
    with pytest.raises(InsufficientData, match=r"^missing in own: b at d = 8$"):
        quantities(theory(rows[:3]), ["own"], ("a", "b"), "d")


def test_counts_belong_to_one_lemma():
    rows = [{"quantity": name, "value": 3} for name in ("lemma5.3_cases", "cor5.4_cases", "cor5.4_violations")]
    assert counted(theory(rows), ["own"], "cor5.4_").violations == 3
    with pytest.raises(InsufficientData, match=r"lemma5\.3_violations"):
        counted(theory(rows), ["own"], "lemma5.3_")


def test_networks_that_did_not_finish_have_no_error(rng):
    runs = networks("own", rng, "mlp", {10: 0.3, 20: 0.1}, seeds=2).assign(
        stopped=["fitted", "step_limit", "diverged", "fitted"]
    )
    found = errors_by(runs, "n_train")
    assert found.isna().to_numpy().tolist() == [[False, True], [True, False]]
    with pytest.raises(ValueError, match="duplicate"):
        errors_by(pd.concat([runs, runs]), "n_train")
