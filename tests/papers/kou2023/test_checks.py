"""The checks of kou2023: a network is determined by its seed, and wrong routes are counted."""

import pandas as pd
import pytest

from convbias.checks import THEORY
from convbias.columns import build
from convbias.papers.kou2023.checks import networks, oracles
from convbias.papers.kou2023.theory import two_filters

COMMON = {"n_train": 6, "filters": 3, "flip": 0.1, "steps": 20, "root_seed": 1}
GRID = COMMON | {"d": [20, 30], "mu": [0, 0.5, 4], "patch_weight": 1, "n_test": 200, "seeds": 3}
GRID |= {"learning_rate": [0.1], "init_scale": [1]}
EXACT = COMMON | {"d": [30], "mu": [0, 2], "learning_rate": 0.1, "n_test": 5000, "seeds": 2}


def grid(**changes):
    table = pd.DataFrame(networks.curves(**{**GRID, **changes}))
    return table.set_index(["quantity", "d", "signal", "seed"])["value"].sort_index()


def test_a_network_does_not_depend_on_the_others():
    whole, one = grid(), grid(d=[30], mu=[0.5], seeds=2)
    assert len(whole) == 2 * 2 * 3 * 3
    assert one.to_numpy() == pytest.approx(whole[one.index].to_numpy(), abs=1e-12)


def test_the_error_is_between_the_flip_probability_and_chance():
    errors = grid()["network_error"]
    assert errors.between(0.1, 0.9).all()
    assert errors.xs(0, level="signal").to_numpy() == pytest.approx(0.5)
    assert errors.xs(4, level="signal").mean() < errors.xs(0.5, level="signal").mean() - 0.1


def test_rates_and_scales_belong_to_the_dimensions():
    changed, whole = grid(learning_rate=[0.1, 0.2], init_scale=[1, 0.5]), grid()
    same = changed.index.get_level_values("d") == 20
    assert (changed[same] == whole[same]).all() and (changed[~same] != whole[~same]).mean() > 0.5
    with pytest.raises(ValueError, match=r"^learning_rate has 3 values and init_scale has 4 values, but d has 2\. "):
        grid(learning_rate=[0.1, 0.2, 0.3], init_scale=[1, 2, 3, 4])


def test_averaging_over_the_patches_is_another_network():
    assert grid(patch_weight=0.5)["network_loss"].mean() > 1.5 * grid()["network_loss"].mean()


def counts():
    table = pd.DataFrame(oracles.curves(**EXACT))
    return dict(zip(table["quantity"], table["value"], strict=True))


def test_the_exact_routes_agree_and_a_wrong_one_is_counted(monkeypatch):
    found = counts()
    assert (found["direct_cases"], found["integral_cases"]) == (4, 4)
    assert (found["direct_violations"], found["integral_violations"]) == (0, 0)
    right, direct = two_filters.clean_error, oracles.train_directly
    monkeypatch.setattr(two_filters, "clean_error", lambda *given: right(*given) + 0.05)
    monkeypatch.setattr(oracles, "train_directly", lambda *given: direct(*given) * (1 + 1e-8))
    found = counts()
    assert (found["direct_violations"], found["integral_violations"]) == (4, 4)


def test_a_negative_signal_is_no_result():
    columns = {**dict.fromkeys(THEORY.names), "experiment": "own", "quantity": "network_error", "signal": [0.0, -0.1]}
    with pytest.raises(ValueError, match=r"column signal, row 1: must be at least 0; found -0\.1"):
        build(THEORY, columns)
