"""Models of the linear system: outputs, gradients and initial weights."""

import numpy as np
import pytest
import torch

import reference
from convbias.linear import models
from convbias.registry import names
from reference import TOLERANCE

CASES = [("one_layer", 8, 1), *(("conv", d, k) for d in (2, 8) for k in (1, 2, 5, 8) if k <= d), ("conv", 100, 37)]
CASES += [("two_layer", d, 1) for d in (2, 8, 13, 30)]


def layers(model, weights):
    """The weights of each network, as the list of its layers."""
    sizes = [layer.size for layer in model.layers]
    return [[layer.clone() for layer in column.split(sizes)] for column in weights.T]


@pytest.mark.parametrize(("name", "d", "k"), CASES)
def test_effective_weights_give_the_output_defined_in_the_paper(name, d, k, rng):
    model = models.make(name, d, k)
    weights = torch.from_numpy(rng.normal(size=(sum(layer.size for layer in model.layers), 3)))
    w = torch.empty(d, 3, dtype=torch.float64)
    model.effective(weights, w)()
    x = rng.normal(size=d)
    for run, own in enumerate(layers(model, weights)):
        assert x @ w[:, run].numpy() == pytest.approx(float(reference.output(name, own, x)), rel=1e-12)


@pytest.mark.parametrize(("name", "d", "k"), CASES)
def test_step_follows_the_gradient_of_autograd(name, d, k, rng):
    model = models.make(name, d, k)
    weights = torch.from_numpy(rng.normal(size=(sum(layer.size for layer in model.layers), 3)))
    data = torch.zeros(d + model.padding, 3, dtype=torch.float64)
    data[:d] = torch.from_numpy(rng.normal(size=(d, 3)))
    expected = weights.clone()
    for run, own in enumerate(layers(model, weights)):
        own = [layer.requires_grad_() for layer in own]
        gradients = torch.autograd.grad(data[:d, run] @ reference.effective(name, own), own)
        expected[:, run] += 0.3 * torch.cat(gradients)
    model.step(weights, data, 0.3)()
    torch.testing.assert_close(weights, expected, rtol=TOLERANCE[torch.float64], atol=1e-12)


@pytest.mark.parametrize("k", [0, 9])
def test_filter_size_must_be_from_1_to_d(k):
    with pytest.raises(ValueError, match=f"k must be from 1 to d = 8, not {k}"):
        models.make("conv", 8, k)


def test_error_for_an_unknown_model_lists_the_models():
    available = ", ".join(names("linear.models"))
    with pytest.raises(ValueError, match=f"^linear.models: unknown plugin 'cnn'. Available: {available}$"):
        models.make("cnn", 8, 3)


def test_initial_weights_are_uniform_and_scale_with_b():
    model = models.make("conv", 100, 5)
    small = models.draw_weights(model, 1, "cls", 30, list(range(200)), 0.25)
    large = models.draw_weights(model, 1, "cls", 30, list(range(200)), 1.0)
    assert torch.equal(4 * small, large)
    assert large.shape == (105, 200) and large.abs().max() < 1
    # the mean and variance are those of U[-1, 1], within five standard errors
    assert abs(large.mean()) < 5 * (1 / 3 / large.numel()) ** 0.5
    assert abs(large.var() - 1 / 3) < 5 * (4 / 45 / large.numel()) ** 0.5


def test_initial_weights_depend_on_each_key_but_not_on_the_batch():
    model = models.make("conv", 10, 3)
    drawn = models.draw_weights(model, 1, "cls", 30, [0, 1, 2], 0.1)
    assert torch.equal(drawn[:, 2:], models.draw_weights(model, 1, "cls", 30, [2], 0.1))
    assert torch.equal(drawn.flip(1), models.draw_weights(model, 1, "cls", 30, [2, 1, 0], 0.1))
    for root, task, n in [(2, "cls", 30), (1, "first_person", 30), (1, "cls", 31)]:
        assert not torch.isin(models.draw_weights(model, root, task, n, [0, 1, 2], 0.1), drawn).any()
    assert len(drawn.unique()) == drawn.numel()  # each layer has its own random stream


def test_conv_and_one_layer_represent_the_same_functions(rng):
    """wu2019, Section 1: w1 = (1, 0, ..., 0) and w2 = w give the effective weights w."""
    conv = models.make("conv", 8, 3)
    w = torch.from_numpy(rng.normal(size=(8, 1)))
    out = torch.empty_like(w)
    conv.effective(torch.cat([torch.tensor([[1.0], [0.0], [0.0]], dtype=torch.float64), w]), out)()
    assert torch.equal(out, w)


def test_stacked_training_sets_have_the_run_as_last_axis(rng):
    rows = rng.integers(0, 10, size=(3, 4, 2))
    stacked = models.stack(rows)
    assert stacked.is_contiguous()
    np.testing.assert_array_equal(stacked.numpy(), np.moveaxis(rows, 0, 2).swapaxes(0, 1))
