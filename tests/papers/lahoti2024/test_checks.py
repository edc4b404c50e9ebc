"""The checks of lahoti2024: a network is determined by its seed, and a wrong formula is counted."""

import pandas as pd
import pytest

from convbias.papers.lahoti2024.checks import networks, oracles

GRID = {"n_patterns": [3, 5], "d": [4], "noise": [0.2, 0.3], "cnn_n_train": [5, 80], "lcn_n_train": [20, 200]}
GRID |= {"cnn_learning_rate": [0.1, 0.3], "lcn_learning_rate": [0.5], "bias_rate": [0.2]}
GRID |= {"steps": 60, "seeds": 3, "root_seed": 1}


def grid(**changes):
    table = pd.DataFrame(networks.curves(**{**GRID, **changes}))
    return table.set_index(["quantity", "n_patterns", "d", "noise", "n_train", "seed"])["value"].sort_index()


def test_a_network_does_not_depend_on_the_others():
    whole, one = grid(), grid(n_patterns=[5], noise=[0.3], seeds=2, lcn_n_train=[200])
    assert len(whole) == 2 * 2 * 2 * 3 and len(one) == 3 * 2
    assert one.to_numpy() == pytest.approx(whole[one.index].to_numpy(), abs=1e-6)


def test_more_samples_and_more_rates_help():
    whole, one_rate = grid(), grid(cnn_learning_rate=[0.3])
    assert (one_rate >= whole[one_rate.index] - 1e-9).all() and (one_rate > whole + 1e-9).any()
    means = whole.groupby(["quantity", "n_train"]).mean()
    assert means["cnn_excess", 80] < 0.5 * means["cnn_excess", 5]
    assert means["lcn_excess", 200] < 0.5 * means["lcn_excess", 20]


def test_cells_with_other_numbers_of_values_are_refused():
    with pytest.raises(ValueError, match=r"^the numbers of values are \{'n_patterns': 2, 'd': 1, 'noise': 3\}\. "):
        grid(noise=[0.1, 0.2, 0.3])


def counts(**changes):
    sizes = {"n_patterns": [1, 4], "d": 5, "noise": [0.2], "n_train": 20, "steps": 30, "n_test": 5000, "seeds": 1}
    table = pd.DataFrame(oracles.curves(**{**sizes, **changes}, root_seed=1))
    return dict(zip(table["quantity"], table["value"], strict=True))


def test_the_exact_risk_agrees_with_drawn_inputs_and_a_wrong_one_is_counted(monkeypatch):
    found = counts()
    assert (found["risk_cases"], found["risk_violations"]) == (4, 0) and found["risk_deviation"] < 5
    right = oracles.risk
    monkeypatch.setattr(oracles, "risk", lambda *given: right(*given) + 0.1)
    assert counts()["risk_violations"] == 4
