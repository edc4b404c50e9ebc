"""The checks of brutzkus2021: true lemmas have no violations, and every violation is counted."""

import numpy as np
import pytest
import torch

from convbias.checks import compute
from convbias.detection.training.layerwise import Constants
from convbias.papers.brutzkus2021.checks import first_layer
from convbias.papers.brutzkus2021.theory.lucky_filters import lucky_bounds_failure

LEMMAS = ("lemma5.3", "cor5.4", "lemma5.5")
STEP, ETA = 4, Constants.of(2, 10).eta_1
R = ETA / 200
SMALL = {"n_patterns": 4, "n_train": 80, "seeds": 2, "second_layer_steps": 1000}
GOOD = {"positive": [STEP * ETA / 9, R, R / 2], "negative": [R, STEP * ETA / 9, -R]}


def observed(**filters):
    """The record at step 4 of two filters, one lucky for each sign. ``filters`` replaces their trained weights."""
    W = torch.tensor([[R, 0.0, -R], [0.0, R, -R]], dtype=torch.float64)
    drawn, y = np.array([[0, 2], [2, 1]]), np.array([1, -1])
    lemmas = first_layer._Lemmas(
        W, torch.tensor([1.0, -1.0]), torch.eye(3, dtype=torch.float64), drawn, y, Constants.of(2, 10)
    )
    W.copy_(torch.tensor([(GOOD | filters)[name] for name in GOOD], dtype=torch.float64))
    lemmas.observe(STEP)
    return lemmas.steps[-1]


def test_filters_at_the_bounds_violate_nothing():
    """Three statements on each of the two lucky filters, and one bound on each of the six responses."""
    found = observed()
    assert [found[f"{lemma}_cases"] for lemma in LEMMAS] == [3, 3, 6]
    assert [found[f"{lemma}_violations"] for lemma in LEMMAS] == [0, 0, 0]
    assert found["lucky_projection"] == pytest.approx(1 / 9)
    assert found["other_projection"] == pytest.approx(1)
    assert found["response"] == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("filters", "violations"),
    [
        ({"positive": [STEP * ETA / 9 * 0.99, 0, 0]}, [1, 0, 0]),  # o_1 w < t eta / 9
        ({"negative": [0, STEP * ETA / 9 * 0.99, 0]}, [0, 1, 0]),
        ({"positive": [STEP * ETA, 0, 1.01 * R]}, [1, 0, 0]),  # o_j w > r
        ({"negative": [1.01 * R, STEP * ETA, 0]}, [0, 1, 0]),
        ({"positive": [STEP * ETA / 9, 0, STEP * ETA / 8]}, [2, 0, 0]),  # o_3 is larger and is detected instead of o_1
        ({"negative": [0, STEP * ETA / 9, STEP * ETA / 8]}, [0, 2, 0]),
        ({"positive": [2.01 * STEP * ETA, 0, 0]}, [0, 0, 1]),  # x[j] w > 2 eta t
        ({"positive": [0, 0, 0], "negative": [0, 0, 0]}, [2, 2, 0]),  # neither filter grows or detects
    ],
)
def test_every_violation_is_counted_with_its_lemma(filters, violations):
    found = observed(**filters)
    assert [found[f"{lemma}_violations"] for lemma in LEMMAS] == violations


def test_norms_and_outputs_have_their_bounds():
    """Norms of at most eta (t + 1), and outputs of at most 1/2: at both bounds nothing is violated."""
    assert [observed()[f"{lemma}_cases"] for lemma in ("lemmaC.1", "lemmaC.2")] == [2, 2]
    bound = (STEP + 1) * ETA
    for factor, violations in ((1, 0), (1.01, 1)):
        assert observed(negative=[0, factor * bound, 0])["lemmaC.1_violations"] == violations
    for output, violations in ((0.5, 0), (0.51, 1)):
        found = observed(positive=[output, 0, 0], negative=[0, output, 0])
        assert found["lemmaC.2_violations"] == 2 * violations


def test_a_filter_that_is_not_lucky_has_only_the_bound_on_all_filters():
    lemmas = first_layer._Lemmas(
        torch.tensor([[R, 0.0, 2 * R]], dtype=torch.float64),
        torch.tensor([1.0]),
        torch.eye(3, dtype=torch.float64),
        np.array([[0, 2]]),
        np.array([1]),
        Constants.of(2, 10),
    )
    lemmas.observe(1)
    assert [lemmas.steps[0][f"{lemma}_cases"] for lemma in LEMMAS] == [0, 0, 3]
    assert [lemmas.steps[0][f"{lemma}_violations"] for lemma in LEMMAS] == [0, 0, 0]


def test_the_bound_on_all_filters_starts_with_the_first_step():
    columns = compute("brutzkus2021-first-layer", {**SMALL, "d": [3], "first_layer_steps": 2, "root_seed": 1})
    rows = zip(*(columns[name] for name in ("quantity", "step", "value")), strict=True)
    cases = {step: value for name, step, value in rows if name == "lemma5.5_cases"}
    assert cases == {0: 0, 1: 2 * (8 * 27 + 1) * 3, 2: 2 * (8 * 27 + 1) * 3}


def test_training_follows_the_lemmas_and_its_loss_falls():
    columns = compute("brutzkus2021-first-layer", {**SMALL, "d": [3, 5], "first_layer_steps": 6, "root_seed": 1})
    rows = list(zip(columns["quantity"], columns["d"], columns["step"], columns["value"], strict=True))
    for d in (3, 5):
        mine = {(name, step): value for name, size, step, value in rows if size == d}
        assert mine["unbalanced", None] == 0
        for lemma in LEMMAS:
            assert all(mine[f"{lemma}_violations", t] == 0 < mine[f"{lemma}_cases", t] for t in range(1, 7))
        assert all(mine[f"{lemma}_violations", 0] == 0 < mine[f"{lemma}_cases", 0] for lemma in LEMMAS[:2])
        assert all(mine["lucky_projection", t] >= 1 / 9 and mine["response", t] <= 2 for t in range(1, 7))
        assert all(mine["other_projection", t] <= 1 + 1e-9 for t in range(7))
        losses = [value for (name, _), value in mine.items() if name == "second_loss"]
        assert losses == sorted(losses, reverse=True) and losses[-1] < 0.6 < losses[0] < 0.8


def test_training_sets_without_both_classes_are_counted_and_left_out():
    settings = {"d": [3], "n_patterns": 2, "n_train": 2, "seeds": 2, "first_layer_steps": 1}
    columns = compute("brutzkus2021-first-layer", {**settings, "second_layer_steps": 2, "root_seed": 1})
    values = dict(zip(columns["quantity"], columns["value"], strict=True))
    assert values["unbalanced"] == 2 and set(values) == {"unbalanced", "second_loss"}


def test_lucky_filters_are_drawn_with_their_probability():
    columns = compute("brutzkus2021-lucky-filters", {"d": [3, 6], "draws": 300, "fewer_d": 4, "root_seed": 1})
    for d in (3, 6):
        rows = zip(*(columns[name] for name in ("quantity", "d", "value", "low", "high")), strict=True)
        mine = {name: values for name, size, *values in rows if size == d}
        share, low, high = mine["lucky_share"]
        assert low < mine["lucky_probability"][0] < high and low < share < high
        assert mine["outside_estimate"][1] <= mine["outside"][0] < mine["outside_promised"][0]
    fewer = [name for name in columns["quantity"] if name.startswith("fewer")]
    assert fewer == ["fewer_outside", "fewer_promised"] * 2
    exact = [
        value for name, value in zip(columns["quantity"], columns["value"], strict=True) if name == "fewer_outside"
    ]
    assert exact == [lucky_bounds_failure(4, 8 * 4**3 + 1, l) for l in (3, 4)] and exact[0] != exact[1]
