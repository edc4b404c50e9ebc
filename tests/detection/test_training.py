"""How detectors are trained: by Adam, and to the maximum margin."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
from scipy import stats
from test_patterns import LIKELY, SHARD, inputs

import reference
from convbias.detection import models, training
from convbias.detection.training import Data, adam, max_margin
from convbias.margin import max_margin as separate

NOISY = replace(SHARD, noise=1.0)
SVM = replace(SHARD, model="svm", training="max_margin")


def detector(shard):
    return models.make(shard.model, shard.n_patterns, shard.d, shard.channels)


def train(shard, seeds, data=None):
    """The seeds of a shard, trained side by side."""
    trainer = training.load(shard.training)
    return trainer.train(shard, detector(shard), data or inputs(shard, seeds), list(seeds), "cpu")


def contradicted(data):
    """The same, but that the last two training samples are equal with different labels."""
    x, y = data.x.copy(), data.y.copy()
    x[:, -1], y[:, -2:] = x[:, -2], [1, -1]
    return replace(data, x=x, y=y)


# ---------------------------------------------------------------------------------------------- adam


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-5)])
@pytest.mark.parametrize("settings", [{}, {"beta_1": 0.5, "beta_2": 0.9, "eps": 1e-2}])
def test_adam_takes_the_steps_of_torch(settings, dtype, tolerance, rng):
    start = [torch.from_numpy(rng.normal(size=shape)).to(dtype) for shape in ((3, 4), (5,))]
    ours, theirs = [part.clone() for part in start], [part.clone().requires_grad_() for part in start]
    gradients = [torch.empty_like(part) for part in ours]
    step = adam.adam(list(zip(ours, gradients, strict=True)), 0.03, **settings)
    betas = (settings.get("beta_1", 0.9), settings.get("beta_2", 0.999))
    optimizer = torch.optim.Adam(theirs, lr=0.03, betas=betas, eps=settings.get("eps", 1e-8))
    for _ in range(200):
        sum(((part - 1) ** 4).sum() for part in theirs).backward()
        for part, gradient in zip(ours, gradients, strict=True):
            gradient.copy_(4 * (part - 1) ** 3)
        step()
        optimizer.step()
        optimizer.zero_grad()
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other.detach(), rtol=tolerance, atol=tolerance)


def blank(data):
    """The same, but that some entries of a pattern are 0 in all training samples, as on the edges of digits."""
    x = data.x.copy()
    x[..., 2:5] = 0
    return replace(data, x=x)


def plain(shard, seed, change=lambda data: data):
    """One network by autograd and torch's Adam: steps, how it stopped, loss, training error and test error."""
    data, net = change(inputs(shard, [seed])), detector(shard)
    x, y, x_test, y_test = (torch.from_numpy(part[0]).float() for part in vars(data).values())
    w, a = (part[0].clone() for part in adam.draw_weights(shard, net, [seed]))
    optimizer = torch.optim.Adam([w, a], lr=shard.learning_rate)
    for step in range(shard.step_limit + 1):
        loss, wrong, w.grad, a.grad = reference.detector_gradient(shard.model, x, y, w, a)
        if loss < shard.target_loss and wrong == 0:
            stopped = "fitted"
            break
        if step == shard.step_limit:
            stopped = "step_limit"
            break
        optimizer.step()
    *_, test_error = ((reference.DETECTORS[shard.model](x_test, w, a) > 0) != (y_test > 0)).float().mean(0, True)
    return step, stopped, loss, wrong, test_error.item()


@pytest.mark.parametrize("target", [0.03, 0.6, 50.0])  # the last is met while samples are still misclassified
@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
@pytest.mark.parametrize("change", [lambda data: data, blank], ids=["plain", "blank"])
def test_training_stops_at_the_first_step_that_fits(model, target, change):
    shard, seeds = replace(NOISY, model=model, target_loss=target), range(3)
    data = change(inputs(shard, seeds))
    found = train(shard, seeds, data)
    assert found.stopped == ["fitted"] * 3 and found.train_error == [0] * 3 and min(found.steps) > 0
    for seed in seeds:
        steps, stopped, loss, wrong, test_error = plain(shard, seed, change)
        assert (found.steps[seed], found.stopped[seed], found.train_error[seed]) == (steps, stopped, wrong)
        assert found.train_loss[seed] == pytest.approx(loss, rel=1e-3) and found.train_loss[seed] < target
        assert found.test_error[seed] == pytest.approx(test_error, abs=1e-6)
    last = max(found.steps)
    for limit in (last, last - 1):  # from both sides
        again = train(replace(shard, step_limit=limit), seeds, data)
        done = [steps <= limit for steps in found.steps]
        assert again.stopped == ["fitted" if fitted else "step_limit" for fitted in done]
        assert again.steps == [min(steps, limit) for steps in found.steps]


@pytest.mark.parametrize("limit", [0, 1, 7])
@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_training_that_is_given_up_says_so_and_where_it_stood(model, limit):
    shard = replace(NOISY, model=model, step_limit=limit, target_loss=1e-9)
    found = train(shard, range(2))
    for seed in range(2):
        steps, stopped, loss, wrong, test_error = plain(shard, seed)
        assert (found.steps[seed], found.stopped[seed]) == (limit, "step_limit") == (steps, stopped)
        assert found.train_loss[seed] == pytest.approx(loss, rel=1e-4)
        assert found.train_error[seed] == pytest.approx(wrong, abs=1e-6)
        assert found.test_error[seed] == pytest.approx(test_error, abs=1e-6)


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_a_run_does_not_depend_on_which_others_train_beside_it(model):
    shard = replace(NOISY, model=model)
    whole = train(shard, range(5))
    assert len(set(whole.steps)) > 1
    for seeds in ([0], [3], [4, 1]):
        part = train(shard, seeds)
        for position, seed in enumerate(seeds):
            for name in vars(whole):
                one, other = getattr(part, name)[position], getattr(whole, name)[seed]
                assert one == (other if name != "train_loss" else pytest.approx(other, rel=1e-5)), name


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_runs_that_diverge_say_so_and_leave_the_others_alone(model):
    shard = replace(NOISY, model=model)
    data = inputs(shard, range(3))
    good = train(shard, range(3), data)
    data.x[1, 4] = np.inf
    mixed = train(shard, range(3), data)
    assert mixed.stopped == ["fitted", "diverged", "fitted"] and mixed.steps[1] == 0
    assert all(np.isnan(getattr(mixed, name)[1]) for name in ("train_loss", "train_error", "test_error"))
    for name in vars(good):
        assert [getattr(good, name)[run] for run in (0, 2)] == [getattr(mixed, name)[run] for run in (0, 2)]
    lost = train(replace(shard, learning_rate=1e25, step_limit=20), range(3))
    assert lost.stopped == ["diverged"] * 3 and max(lost.steps) < 20 and np.isnan(lost.test_error).all()
    at_the_limit = train(replace(shard, learning_rate=1e25, step_limit=max(lost.steps)), range(3))
    assert at_the_limit.stopped == ["diverged"] * 3


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_initial_weights_are_uniform_within_their_fan_in(model):
    shard = replace(SHARD, model=model, channels=300, init_scale=2.0)
    net = detector(shard)
    w, a = adam.draw_weights(shard, net, [0, 1, 2])
    assert w.shape == (3, net.hidden, net.fan_in) and a.shape == (3, net.hidden) and w.dtype == a.dtype == torch.float32
    for layer, fan_in in ((w, net.fan_in), (a, net.hidden)):
        for drawn_weights in layer:
            values = drawn_weights.flatten().double() * fan_in**0.5 / 2
            assert stats.kstest(values, stats.uniform(-1, 2).cdf).pvalue > LIKELY
    for part, whole in zip(adam.draw_weights(shard, net, [2, 0]), (w, a), strict=True):
        assert torch.equal(part, whole[[2, 0]])
    for part, whole in zip(adam.draw_weights(replace(shard, init_scale=1.0), net, [0, 1, 2]), (w, a), strict=True):
        assert torch.equal(2 * part, whole)
    assert len(torch.cat([(w * net.fan_in**0.5).flatten(), (a * net.hidden**0.5).flatten()]).unique()) > 0.99 * (
        w.numel() + a.numel()
    )
    for change in ({"root_seed": 8}, {"n_train": 13}, {"task": "digits"}):
        assert not torch.isin(adam.draw_weights(replace(shard, **change), net, [0])[1], a).any()


def test_runs_end_alike_however_often_they_are_looked_at():
    """cpu:0 is looked at as seldom as a GPU, whose host would wait at every look."""
    shard = replace(NOISY, target_loss=0.2, step_limit=150)
    data = inputs(shard, range(6))
    often, seldom = (adam.train(shard, detector(shard), data, [*range(6)], device) for device in ("cpu", "cpu:0"))
    assert often == seldom and len({*often.steps}) > 3 and {"fitted", "step_limit"} >= {*often.stopped}


# ---------------------------------------------------------------------------------------------- max_margin


@pytest.mark.parametrize(
    "size", [{}, {"n_train": 1}, {"n_train": 200}, {"d": 3, "l": 3, "n_patterns": 1}, {"n_patterns": 30}]
)
def test_the_maximum_margin_separates_orthogonal_patterns(size):
    shard = replace(SVM, **size)
    found = train(shard, range(4))
    assert astuple(found)[:4] == ([0] * 4, ["separated"] * 4, [0.0] * 4, [0.0] * 4)
    data = inputs(shard, range(4))
    for run in range(4):
        w = separate(data.y[run][:, None] * data.x[run].reshape(shard.n_train, -1)).weights
        margin = np.array([y * (w @ x.ravel()) for x, y in zip(data.x_test[run], data.y_test[run], strict=True)])
        at_zero = (abs(margin) < 1e-9).mean()  # where rounding decides
        assert (margin < -1e-9).mean() <= found.test_error[run] <= (margin < -1e-9).mean() + at_zero
        assert at_zero == 0 or shard.n_train == 1


def test_many_samples_teach_the_maximum_margin_the_task():
    found = train(replace(SVM, n_train=2000, n_test=500), [0])
    assert found.test_error == [0.0]


def test_noise_takes_the_margin_away():
    shard = replace(SVM, n_train=100, n_patterns=2, d=5, l=5, noise=1.0)
    found = train(shard, range(3))
    assert found.stopped == ["not_separable"] * 3 and min(found.train_error) > 0
    assert all(1 / 100 <= loss < 1 for loss in found.train_loss)


def test_the_loss_of_what_cannot_be_separated_is_the_mean_slack():
    """A contradiction costs 2 however w is; all else is separated."""
    data = contradicted(inputs(SVM, range(3)))
    found = train(SVM, range(3), data)
    assert found.stopped == ["not_separable"] * 3
    assert found.train_loss == pytest.approx([2 / 12] * 3, rel=1e-9)
    assert found.train_error == pytest.approx([1 / 12] * 3)


def test_an_output_of_0_counts_as_negative():
    x, other = np.zeros((1, 4, 2, 3)), np.zeros((1, 3, 2, 3))
    x[0, 0, 0, 0] = other[0, :, 1, 1] = 1  # orthogonal to what is learned
    data = Data(x, np.array([[1.0, 1.0, 1.0, -1.0]]), other, np.array([[1.0, 1.0, -1.0]]))
    found = max_margin.train(SVM, models.make("svm", 2, 3, 1), data, [0], "cpu")
    assert found.stopped == ["not_separable"] and found.train_loss == pytest.approx([3 / 4])
    assert (found.train_error, found.test_error) == ([2 / 4], pytest.approx([2 / 3]))
