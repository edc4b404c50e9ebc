"""Layer-by-layer training (Algorithm 1 of brutzkus2021) and its limit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.detection import models
from convbias.detection.training import layerwise, layerwise_limit
from convbias.margin import max_margin as separate
from small_detection import LAYERWISE, LIKELY, make_data, make_model, train, with_contradiction


@pytest.mark.parametrize("first_layer_steps", [1, 5, 100])
@pytest.mark.parametrize("channels", [1, 30, 513])
def test_constants_are_as_large_as_theorem_5_1_allows(channels, first_layer_steps):
    constants = layerwise.Constants.of(channels, first_layer_steps)
    assert constants.eta_1 == pytest.approx(1 / (4 * channels * (first_layer_steps + 1)), rel=1e-14)
    assert 0 < constants.r == pytest.approx(constants.eta_1 / 200) and 0 < constants.eta_2 < 8 * channels
    assert constants.eta_2 == 4 * channels


def test_initial_filters_are_uniform_on_a_sphere_and_a_is_a_random_sign():
    net = models.make("conv_pool", 4, 3, 4000)
    w, a = layerwise.draw_weights(net, 0.25, 7, "orthogonal", 12, 0)
    assert w.shape == (1, 4000, 3) and a.shape == (1, 4000) and w.dtype == a.dtype == torch.float64
    np.testing.assert_allclose(w.norm(dim=2), 0.25, rtol=1e-14)
    for column in w[0].T:  # each coordinate is uniform (Archimedes)
        assert stats.kstest(4 * column, stats.uniform(-1, 2).cdf).pvalue > LIKELY
        assert stats.pearsonr(column, a[0]).pvalue > LIKELY
    assert set(a[0].tolist()) == {-1.0, 1.0}
    assert stats.binomtest(int((a > 0).sum()), 4000).pvalue > LIKELY
    for keys in ((8, "orthogonal", 12, 0), (7, "digits", 12, 0), (7, "orthogonal", 13, 0), (7, "orthogonal", 12, 1)):
        other_w, other_a = layerwise.draw_weights(net, 0.25, *keys)
        assert not torch.isin(other_w, w).any() and not torch.equal(other_a, a)


def first_layer(settings, data, run, seed):
    """Train the first layer on L_1 with autograd while a is fixed. Returns W, a and the samples of S_2."""
    constants = layerwise.Constants.of(settings.channels, settings.first_layer_steps)
    keys = (settings.root_seed, settings.task, settings.n_train, seed)
    w, a = (layer[0] for layer in layerwise.draw_weights(make_model(settings), constants.r, *keys))
    x, y = torch.from_numpy(data.x[run]), torch.from_numpy(data.y[run])
    half = -(-settings.n_train // 2)
    for _ in range(settings.first_layer_steps):
        _, _, gradient, _ = reference.gradient("conv_pool", x[:half], y[:half], w, a)
        w = w - constants.eta_1 * gradient
    return w, a, x[half:], y[half:]


@pytest.mark.parametrize(("n_train", "steps"), [(12, 4), (13, 4), (2, 1), (12, 0)])
def test_first_layer_trains_on_the_first_half_rounded_up(n_train, steps):
    settings = replace(LAYERWISE, n_train=n_train, first_layer_steps=steps, noise=1.0)
    data = make_data(settings, [0, 1])
    for run, seed in enumerate([0, 1]):
        first = layerwise.first_part(settings, make_model(settings), data, run, seed)
        w, a, x, y = first_layer(settings, data, run, seed)
        torch.testing.assert_close(first.W[0], w, rtol=1e-9, atol=1e-15)
        assert torch.equal(first.a[0], a) and torch.equal(first.y, y) and len(y) == n_train // 2
        torch.testing.assert_close(first.z, (x @ w.T).relu().amax(1), rtol=1e-9, atol=1e-15)


def test_first_layer_is_observed_before_every_step_and_after_the_last(rng):
    net, data = make_model(LAYERWISE), make_data(LAYERWISE, [0])
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    w, a = layerwise.draw_weights(net, 0.25, 7, "orthogonal", 13, 0)
    initial, observed = a.clone(), []
    layerwise.train_first_layer(net, x, y, w, a, 0.1, 3, lambda step: observed.append((step, w.clone())))
    assert [step for step, _ in observed] == [0, 1, 2, 3] and torch.equal(a, initial) and torch.equal(observed[3][1], w)
    for steps, then in observed:
        again, _ = layerwise.draw_weights(net, 0.25, 7, "orthogonal", 13, 0)
        layerwise.train_first_layer(net, x, y, again, a, 0.1, steps)
        assert torch.equal(again, then)


def second_layer(z, y, a, eta_2, steps):
    """Gradient descent on L_2 for a with autograd: a and its loss."""
    loss = None
    for step in range(steps + 1):
        a = a.detach().requires_grad_()
        loss = -torch.sigmoid(y * (z @ a)).log().mean()
        if step < steps:
            a = a - eta_2 * torch.autograd.grad(loss, a)[0]
    return a.detach(), loss.item()


@pytest.mark.parametrize("eta_2", [0.5, 100.0])
def test_second_layer_is_gradient_descent_on_a(eta_2):
    settings = replace(LAYERWISE, noise=1.0)
    first = layerwise.first_part(settings, make_model(settings), make_data(settings, [0]), 0, 0)
    initial = first.a.clone()
    a, losses = layerwise.train_second_layer(first, eta_2, [40, 0, 7])
    assert torch.equal(first.a, initial)
    for steps, loss in zip((40, 0, 7), losses, strict=True):
        expected, expected_loss = second_layer(first.z, first.y, first.a[0], eta_2, steps)
        assert loss == pytest.approx(expected_loss, rel=1e-9)
        a_then, _ = layerwise.train_second_layer(first, eta_2, [steps])
        torch.testing.assert_close(a_then[0], expected, rtol=1e-9, atol=1e-12)
    assert torch.equal(layerwise.train_second_layer(first, eta_2, [0])[0], first.a)
    torch.testing.assert_close(a[0], second_layer(first.z, first.y, first.a[0], eta_2, 40)[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_layerwise_training_is_algorithm_1(noise):
    settings, seeds = replace(LAYERWISE, noise=noise), [3, 5]
    data = make_data(settings, seeds)
    outcome = train(settings, seeds)
    assert outcome.steps == [33, 33] and outcome.stopped == ["all_steps"] * 2
    for run, seed in enumerate(seeds):
        w, a, x, y = first_layer(settings, data, run, seed)
        a, loss = second_layer((x @ w.T).relu().amax(1), y, a, 4.0 * settings.channels, settings.second_layer_steps)
        assert outcome.train_loss[run] == pytest.approx(loss, rel=1e-9)
        for name, points, labels in (("train", data.x, data.y), ("test", data.x_test, data.y_test)):
            f = reference.NETWORKS["conv_pool"](torch.from_numpy(points[run]), w, a)
            expected = ((f > 0) != (torch.from_numpy(labels[run]) > 0)).double().mean().item()
            assert getattr(outcome, f"{name}_error")[run] == pytest.approx(expected, abs=1e-12)


def test_without_the_split_both_layers_train_on_all_samples():
    settings = replace(LAYERWISE, training="layerwise_whole", noise=1.0)
    data, outcome = make_data(settings, [3]), train(settings, [3])
    constants = layerwise.Constants.of(settings.channels, settings.first_layer_steps)
    keys = (settings.root_seed, settings.task, settings.n_train, 3)
    w, a = (layer[0] for layer in layerwise.draw_weights(make_model(settings), constants.r, *keys))
    x, y = torch.from_numpy(data.x[0]), torch.from_numpy(data.y[0])
    for _ in range(settings.first_layer_steps):
        w = w - constants.eta_1 * reference.gradient("conv_pool", x, y, w, a)[2]
    a, loss = second_layer((x @ w.T).relu().amax(1), y, a, constants.eta_2, settings.second_layer_steps)
    assert outcome.train_loss == [pytest.approx(loss, rel=1e-9)]
    f = reference.NETWORKS["conv_pool"](torch.from_numpy(data.x_test[0]), w, a)
    assert outcome.test_error == [((f > 0) != (torch.from_numpy(data.y_test[0]) > 0)).double().mean().item()]


def angle(one, other):
    return np.arccos(min(1, one @ other / (np.linalg.norm(one) * np.linalg.norm(other))))


@pytest.mark.parametrize(("n_train", "seed"), [(4, 0), (5, 1), (5, 2), (12, 1)])
def test_the_second_layer_converges_in_direction_to_the_limit(n_train, seed):
    """The angle between a and the limit falls like 1 / log(t). The angle of later changes of a falls faster."""
    settings = replace(LAYERWISE, n_train=n_train)
    net, data = make_model(settings), make_data(settings, [seed])
    first = layerwise.first_part(settings, net, data, 0, seed)
    limit = separate((first.z * first.y[:, None]).numpy())
    assert limit.separable
    stable = len(first.y) / np.linalg.norm(first.z, 2) ** 2  # half the bound of Soudry et al. (2018); above 8 k
    trained = [layerwise.train_second_layer(first, stable, [steps]) for steps in (100, 1000, 10_000)]
    few, more, most = (a[0].numpy() for a, _ in trained)
    assert angle(most, limit.weights) < angle(more, limit.weights) < angle(few, limit.weights) < 0.3
    assert angle(most - more, limit.weights) < angle(most, limit.weights)
    assert trained[2][1][0] < trained[1][1][0] / 9 < trained[0][1][0] / 81
    outcome = train(replace(settings, training="layerwise_limit"), [seed])
    assert (outcome.steps, outcome.stopped, outcome.train_loss) == ([3], ["separated"], [0.0])
    half = slice((n_train + 1) // 2, None)
    s_2 = replace(data, x_test=data.x[:, half], y_test=data.y[:, half])
    assert layerwise_limit.train(settings, net, s_2, [seed], "cpu").test_error == [0.0]
    weights = torch.from_numpy(limit.weights)[None]
    assert layerwise.errors(net, data, 0, first.W, weights) == (outcome.train_error[0], outcome.test_error[0])


def test_loss_is_nan_if_features_are_not_separable():
    settings = replace(LAYERWISE, training="layerwise_limit")
    outcome = train(settings, [0, 1], with_contradiction(make_data(settings, [0, 1])))
    assert outcome.stopped == ["not_separable"] * 2 and np.isnan(outcome.train_loss).all()
    assert min(outcome.train_error) >= 1 / 13 and not np.isnan(outcome.test_error).any()
