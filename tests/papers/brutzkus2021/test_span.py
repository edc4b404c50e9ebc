"""Only the span of the patterns matters: projected filters, and training in R^d against R^l."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

from convbias.checks import compute
from convbias.detection.models import conv_pool
from convbias.detection.settings import Settings
from convbias.detection.training import Data, layerwise, layerwise_limit
from convbias.papers.brutzkus2021.checks import dimension, span
from convbias.papers.brutzkus2021.theory.span import projected_filters

SPAN = {"d": [5, 9], "l": 5, "n_patterns": 3, "n_train": 8, "seeds": 2, "channels": 10, "steps": 30}
SPAN |= {"learning_rate": 1.0, "adam_learning_rate": 0.01, "root_seed": 2}
DIMENSION = {"d": [6, 12], "l": [4, 6], "n_patterns": 3, "n_train": 6, "n_test": 200, "seeds": 5, "channels": 20}
DIMENSION |= {"first_layer_steps": 10, "learning_rate": 0.01, "target_loss": 0.1, "step_limit": 1000, "root_seed": 2}


def values(columns, name):
    return [value for quantity, value in zip(columns["quantity"], columns["value"], strict=True) if quantity == name]


def test_projected_filters_have_a_uniform_direction_and_a_beta_length(rng):
    normal = rng.normal(size=(4000, 12))
    c = projected_filters(normal, 3)
    length = np.linalg.norm(c, axis=1)
    assert stats.kstest(length**2, stats.beta(3 / 2, 9 / 2).cdf).pvalue > 1e-3
    assert stats.kstest(c[:, 1] / length, stats.uniform(-1, 2).cdf).pvalue > 1e-3  # Archimedes: uniform for l = 3
    fewer = projected_filters(normal[:, :3], 3)
    np.testing.assert_allclose(fewer, c / length[:, None], rtol=1e-12)  # d = l: on the sphere, with the same direction


def test_training_in_the_span_is_the_same_except_under_adam():
    columns = compute("brutzkus2021-span", SPAN)
    assert values(columns, "span_cases") == [2] * 4 and values(columns, "span_violations") == [0] * 4
    assert max(values(columns, "span_deviation")) < 1e-12 and min(values(columns, "span_adam")) > 0.01


@pytest.mark.parametrize("changed", ["layerwise", "gradient_descent"])
def test_a_network_with_other_responses_is_a_violation(changed, monkeypatch):
    train = span.train

    def other(training, model, x, *rest):
        W = train(training, model, x, *rest)
        return W + 1e-6 * W.abs().max() * x[0, 0, :1] if training == changed and model.fan_in == 9 else W

    monkeypatch.setattr(span, "train", other)
    assert values(compute("brutzkus2021-span", SPAN), "span_violations") == [0, 0, 1, 1]


def test_every_training_of_the_check_is_another_one():
    generator = torch.Generator().manual_seed(1)
    x, W = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((1, 6, 3, 4), (1, 5, 4)))
    y, a = torch.tensor([[1.0, -1] * 3]).double(), torch.ones(1, 5).double()
    ways = ("layerwise", "gradient_descent", "adam")
    results = [span.train(way, conv_pool.make(3, 4, 5), x, y, W.clone(), a.clone(), 3, 0.1) for way in ways]
    assert all((one - other).abs().max() > 1e-3 for one, other in pairwise(results))


def test_the_error_of_the_check_is_that_of_the_training_in_more_dimensions(rng, monkeypatch):
    """Filters with these coordinates in a rotated basis, after ``layerwise_limit``."""
    vectors = np.linalg.qr(rng.normal(size=(9, 9)))[0]
    coordinates = rng.normal(size=(4, 9)) / 3
    drawn, y = rng.integers(2, 9, (110, 3)), rng.choice([-1.0, 1.0], 110)
    y[[0, 1, 5, 6]] = [1, -1, 1, -1]
    drawn[:, 0] = np.where(y > 0, 0, 1)
    a = torch.from_numpy(np.where(np.arange(4) % 2, 1.0, -1.0))[None]
    monkeypatch.setattr(
        layerwise, "draw_weights", lambda model, r, *_: (torch.from_numpy(r * coordinates @ vectors)[None], a)
    )
    settings = Settings(
        *(
            "",
            "orthogonal",
            "conv_pool",
            "layerwise_limit",
            9,
            5,
            3,
            30,
            0.0,
            "ball",
            10,
            100,
            0,
            1.0,
            1.0,
            1.0,
            1,
            20,
            1,
        )
    )
    inputs = vectors[drawn]
    data = Data(inputs[None, :10], y[None, :10], inputs[None, 10:], y[None, 10:])
    expected = layerwise_limit.train(settings, conv_pool.make(3, 9, 4), data, [0], "cpu").test_error[0]
    units = np.eye(9)[drawn]
    found = dimension.limit_error(units[:10], y[:10], units[10:], y[10:], coordinates, 20)
    assert found == expected and 0 < found < 0.5


def test_networks_with_the_same_patterns_share_their_training_sets_over_d():
    columns = compute("brutzkus2021-dimension", DIMENSION)
    cells = list(zip(columns["quantity"], columns["d"], columns["l"], columns["seed"], strict=True))
    seeds = {}
    for *cell, seed in cells:
        seeds.setdefault(tuple(cell), []).append(seed)
    pairs = [(6, 6), (12, 6), (6, 4)]
    assert set(seeds) == {(f"dimension_{name}_error", *pair) for name in ("limit", "adam") for pair in pairs}
    (kept,) = {tuple(found) for found in seeds.values()}
    assert 0 < len(kept) < 5  # the others lack a class in a half
    error = dict(zip(cells, columns["value"], strict=True))
    gaps = [error["dimension_limit_error", 12, 6, seed] - error["dimension_limit_error", 6, 6, seed] for seed in kept]
    assert max(map(abs, gaps)) < 0.05
