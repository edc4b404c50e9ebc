"""Models of the linear system: outputs, gradients and initial weights."""

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.linear import models
from convbias.registry import names
from reference import TOLERANCE

CASES = [("one_layer", 8, 1), *(("conv", d, k) for d in (2, 8) for k in (1, 2, 5, 8) if k <= d), ("conv", 100, 37)]
CASES += [(model, d, k) for model in ("frozen_conv", "sum_pool") for d, k in ((8, 1), (8, 3), (8, 8), (100, 37))]
CASES += [("two_layer", d, 1) for d in (2, 8, 13, 30)]


def stored(name, d, k, layers):
    """The layers as the model stores them."""
    own = models.load(name).layers(d, k)
    return np.concatenate([np.pad(layer, (each.zeros, 0)) for each, layer in zip(own, layers, strict=True)])


def random_layers(name, d, k, rng):
    return [rng.normal(size=layer.size) for layer in models.load(name).layers(d, k)]


@pytest.mark.parametrize(("name", "d", "k"), CASES)
def test_effective_weights_give_the_output_defined_in_the_paper(name, d, k, rng):
    for _ in range(3):
        layers, x = random_layers(name, d, k, rng), rng.normal(size=d)
        w = models.effective_weights(name, d, k, stored(name, d, k, layers)[None])[0]
        assert x @ w == pytest.approx(float(reference.output(name, layers, x)), rel=1e-12)


@pytest.mark.parametrize(("name", "d", "k"), CASES)
def test_step_follows_the_gradient_of_autograd(name, d, k, rng):
    layers, pull = random_layers(name, d, k, rng), np.zeros(2 * d)
    where = np.sort(rng.choice(d, d // 2 + 1, replace=False))
    pull[where] = rng.normal(size=len(where))
    own = [torch.tensor(layer, requires_grad=True) for layer in layers]
    gradients = torch.autograd.grad(torch.from_numpy(pull[:d]) @ reference.effective(name, own, d), own)
    learns = [layer.learns for layer in models.load(name).layers(d, k)]
    assert all(learns) == (name != "frozen_conv")
    rates = [0.3 * learn for learn in learns]
    expected = [layer + rate * own.numpy() for layer, rate, own in zip(layers, rates, gradients, strict=True)]
    weights, loops = stored(name, d, k, layers), models.load(name).make(k)
    loops.step(loops.split(weights, d), pull, where, len(where), 0.3, np.full(len(weights), np.nan))
    np.testing.assert_allclose(weights, stored(name, d, k, expected), rtol=TOLERANCE[torch.float64], atol=1e-12)


@pytest.mark.parametrize("name", ["conv", "frozen_conv", "sum_pool"])
@pytest.mark.parametrize("k", [0, 9])
def test_filter_size_must_be_from_1_to_d(name, k):
    with pytest.raises(ValueError, match=f"k must be from 1 to d = 8, not {k}"):
        models.draw_weights(name, 8, k, 1, "cls", 30, [0], 0.1)


def test_error_for_an_unknown_model_lists_the_models():
    available = ", ".join(names("linear.models"))
    with pytest.raises(ValueError, match=f"^linear.models: unknown plugin 'cnn'. Available: {available}$"):
        models.load("cnn")


def drawn(d, k, root, task, n, seeds, b):
    """The initial weights of conv without the zeros between its layers, one row per seed."""
    weights = models.draw_weights("conv", d, k, root, task, n, seeds, b)
    assert (weights[:, k : 2 * k - 1] == 0).all()
    return np.delete(weights, slice(k, 2 * k - 1), axis=1)


def test_initial_weights_are_uniform_and_scale_with_b():
    small, large = (drawn(100, 5, 1, "cls", 30, list(range(200)), b) for b in (0.25, 1.0))
    assert (4 * small == large).all()
    assert large.shape == (200, 105) and abs(large).max() < 1
    # the mean and variance are those of U[-1, 1], within five standard errors
    assert abs(large.mean()) < 5 * (1 / 3 / large.size) ** 0.5
    assert abs(large.var() - 1 / 3) < 5 * (4 / 45 / large.size) ** 0.5


def test_normal_weights_have_their_mean_and_variance_and_scale_with_b():
    seeds = list(range(200))
    small, large = (models.draw_weights("conv", 100, 5, 1, "cls", 30, seeds, b, "normal") for b in (0.25, 1.0))
    assert (4 * small == large).all() and (large[:, 5:9] == 0).all()
    own = np.delete(large, slice(5, 9), axis=1)
    assert stats.kstest(own.ravel(), "norm").pvalue > 0.001 and abs(own.mean()) < 5 * own.size**-0.5
    alone = models.draw_weights("conv", 100, 5, 1, "cls", 30, [3], 1.0, "normal")
    assert (alone[0] == large[3]).all()


def test_weights_scaled_by_the_fan_in_have_the_bounds_of_pytorch():
    for layer, fan in ((torch.nn.Linear(20, 300), 20), (torch.nn.Conv1d(1, 300, 4), 4)):
        assert abs(layer.weight).max().item() == pytest.approx(fan**-0.5, rel=0.02)
    for model, sizes, fans in (
        ("conv", (4, 20), (4, 20)),
        ("one_layer", (20,), (20,)),
        ("two_layer", (400, 20), (20, 20)),
    ):
        usual, scaled = (
            np.concatenate([models.draw_weights(model, 20, 4, 1, "cls", 5, [s], 1.0, law) for s in range(300)])
            for law in ("uniform", "fan_in")
        )
        layers = models.load(model).layers(20, 4)
        ends = np.cumsum([layer.size + layer.zeros for layer in layers])
        for layer, end, size, fan in zip(layers, ends, sizes, fans, strict=True):
            own = slice(end - layer.size, end)
            assert layer.size == size and abs(scaled[:, own]).max() == pytest.approx(fan**-0.5, rel=0.02)
            assert scaled[:, own] == pytest.approx(usual[:, own] / fan**0.5)


def test_only_the_first_layer_is_drawn_if_the_others_are_zero():
    every, first = (
        models.draw_weights("conv", 10, 3, 1, "cls", 5, [0, 1], 0.5, law) for law in ("normal", "normal_first")
    )
    assert (first[:, :3] == every[:, :3]).all() and first[:, :3].all() and not first[:, 3:].any()
    every, first = (
        models.draw_weights("one_layer", 10, 3, 1, "cls", 5, [0, 1], 0.5, law) for law in ("normal", "normal_first")
    )
    assert (first == every).all()


def test_initial_weights_depend_on_each_key_but_not_on_the_batch():
    three = drawn(10, 3, 1, "cls", 30, [0, 1, 2], 0.1)
    assert (three[2:] == drawn(10, 3, 1, "cls", 30, [2], 0.1)).all()
    assert (three[::-1] == drawn(10, 3, 1, "cls", 30, [2, 1, 0], 0.1)).all()
    for root, task, n in [(2, "cls", 30), (1, "first_person", 30), (1, "cls", 31)]:
        assert not np.isin(drawn(10, 3, root, task, n, [0, 1, 2], 0.1), three).any()
    assert len(np.unique(three)) == three.size  # each layer has its own random stream


def test_conv_and_one_layer_represent_the_same_functions(rng):
    """wu2019, Section 1: w1 = (1, 0, ..., 0) and w2 = w give the effective weights w."""
    w = rng.normal(size=8)
    assert (models.effective_weights("conv", 8, 3, stored("conv", 8, 3, [np.eye(3)[0], w])[None]) == w).all()
