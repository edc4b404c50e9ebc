"""Training of detection networks with Adam, by gradient descent, and to the maximum margin."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.detection import models
from convbias.detection.training import Data, _both_layers, adam, max_margin
from convbias.margin import max_margin as separate
from small_detection import LIKELY, NOISY, SETTINGS, SVM, make_data, make_model, train, with_contradiction

# ---------------------------------------------------------------------------------------------- adam


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-5)])
@pytest.mark.parametrize("settings", [{}, {"beta_1": 0.5, "beta_2": 0.9, "eps": 1e-2}])
def test_adam_takes_the_same_steps_as_in_torch(settings, dtype, tolerance, rng):
    start = [torch.from_numpy(rng.normal(size=shape)).to(dtype) for shape in ((3, 4), (5,))]
    ours, theirs = [tensor.clone() for tensor in start], [tensor.clone().requires_grad_() for tensor in start]
    gradients = [torch.empty_like(tensor) for tensor in ours]
    step = adam.adam(list(zip(ours, gradients, strict=True)), 0.03, **settings)
    betas = (settings.get("beta_1", 0.9), settings.get("beta_2", 0.999))
    optimizer = torch.optim.Adam(theirs, lr=0.03, betas=betas, eps=settings.get("eps", 1e-8))
    for _ in range(200):
        sum(((tensor - 1) ** 4).sum() for tensor in theirs).backward()
        for tensor, gradient in zip(ours, gradients, strict=True):
            gradient.copy_(4 * (tensor - 1) ** 3)
        step()
        optimizer.step()
        optimizer.zero_grad()
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other.detach(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("size", "limit"), [(4, 2000), (5, 2000), (12, 2000), (5, 7)])
@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_batches_are_taken_in_order_and_the_goal_is_looked_for_after_each_pass(model, size, limit):
    """Twelve samples in equal batches, in unequal ones, in one, and with a limit in the middle of a pass."""
    settings = replace(NOISY, model=model, batch_size=size, step_limit=limit)
    outcome = train(settings, range(2))
    for seed in range(2):
        steps, stopped, loss, wrong, test_error = plain(settings, seed)
        assert (outcome.steps[seed], outcome.stopped[seed]) == (steps, stopped)
        assert outcome.train_error[seed] == pytest.approx(wrong, abs=1e-6)
        assert steps == limit or steps % -(-12 // size) == 0
        assert outcome.train_loss[seed] == pytest.approx(loss, rel=1e-3)
        assert outcome.test_error[seed] == pytest.approx(test_error, abs=1e-6)


def blank(data):
    """The same data, except that some entries of every training pattern are 0, as on the edges of digits."""
    x = data.x.copy()
    x[..., 2:5] = 0
    return replace(data, x=x)


def plain(settings, seed, change=lambda data: data):
    """Train one network with autograd and torch's optimizer: steps, status, loss, training error, test error."""
    data, net = change(make_data(settings, [seed])), make_model(settings)
    x, y, x_test, y_test = (torch.from_numpy(array[0]).float() for array in vars(data).values())
    w, a = (layer[0].clone() for layer in _both_layers.draw_weights(settings, net, [seed]))
    rate = settings.learning_rate
    if settings.training == "adam":
        optimizer = torch.optim.Adam([w, a], lr=rate)
    else:
        optimizer = torch.optim.SGD([{"params": [w], "lr": rate}, {"params": [a], "lr": rate / net.hidden}])
    parts = [tensor.split(settings.batch_size or len(y)) for tensor in (x, y)]
    for step in range(settings.step_limit + 1):
        part = step % len(parts[0])
        if part and step < settings.step_limit:
            *_, w.grad, a.grad = reference.gradient(settings.model, parts[0][part], parts[1][part], w, a)
            optimizer.step()
            continue
        loss, wrong, *_ = reference.gradient(settings.model, x, y, w, a)
        if loss < settings.target_loss and wrong == 0:
            stopped = "fitted"
            break
        if step == settings.step_limit:
            stopped = "step_limit"
            break
        *_, w.grad, a.grad = reference.gradient(settings.model, parts[0][0], parts[1][0], w, a)
        optimizer.step()
    *_, test_error = ((reference.NETWORKS[settings.model](x_test, w, a) > 0) != (y_test > 0)).float().mean(0, True)
    return step, stopped, loss, wrong, test_error.item()


@pytest.mark.parametrize(
    "target", [0.03, 0.6, 50.0]
)  # the loss reaches the last one while samples are still misclassified
@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
@pytest.mark.parametrize("change", [lambda data: data, blank], ids=["plain", "blank"])
def test_training_stops_at_the_first_step_that_reaches_its_goal(model, target, change):
    settings, seeds = replace(NOISY, model=model, target_loss=target), range(3)
    data = change(make_data(settings, seeds))
    outcome = train(settings, seeds, data)
    assert outcome.stopped == ["fitted"] * 3 and outcome.train_error == [0] * 3 and min(outcome.steps) > 0
    for seed in seeds:
        steps, stopped, loss, wrong, test_error = plain(settings, seed, change)
        assert (outcome.steps[seed], outcome.stopped[seed], outcome.train_error[seed]) == (steps, stopped, wrong)
        assert outcome.train_loss[seed] == pytest.approx(loss, rel=1e-3) and outcome.train_loss[seed] < target
        assert outcome.test_error[seed] == pytest.approx(test_error, abs=1e-6)
    last = max(outcome.steps)
    for limit in (last, last - 1):
        again = train(replace(settings, step_limit=limit), seeds, data)
        done = [steps <= limit for steps in outcome.steps]
        assert again.stopped == ["fitted" if fitted else "step_limit" for fitted in done]
        assert again.steps == [min(steps, limit) for steps in outcome.steps]


@pytest.mark.parametrize("limit", [0, 1, 7])
@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_training_that_reaches_its_limit_reports_its_last_state(model, limit):
    settings = replace(NOISY, model=model, step_limit=limit, target_loss=1e-9)
    outcome = train(settings, range(2))
    for seed in range(2):
        steps, stopped, loss, wrong, test_error = plain(settings, seed)
        assert (outcome.steps[seed], outcome.stopped[seed]) == (limit, "step_limit") == (steps, stopped)
        assert outcome.train_loss[seed] == pytest.approx(loss, rel=1e-4)
        assert outcome.train_error[seed] == pytest.approx(wrong, abs=1e-6)
        assert outcome.test_error[seed] == pytest.approx(test_error, abs=1e-6)


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
@pytest.mark.parametrize("size", [0, 5])
def test_gradient_descent_divides_the_rate_of_the_second_layer_by_its_width(model, size):
    settings = replace(NOISY, model=model, training="gradient_descent", batch_size=size)
    settings = replace(settings, learning_rate=3.0, target_loss=0.3)
    outcome = train(settings, range(2))
    for seed in range(2):
        steps, stopped, loss, wrong, test_error = plain(settings, seed)
        assert (outcome.steps[seed], outcome.stopped[seed]) == (steps, stopped) == (steps, "fitted")
        assert outcome.train_loss[seed] == pytest.approx(loss, rel=1e-3)
        assert outcome.train_error[seed] == wrong == 0
        assert outcome.test_error[seed] == pytest.approx(test_error, abs=1e-6)


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_a_run_does_not_depend_on_the_other_runs(model):
    settings = replace(NOISY, model=model)
    whole = train(settings, range(5))
    assert len(set(whole.steps)) > 1
    for seeds in ([0], [3], [4, 1]):
        subset = train(settings, seeds)
        for position, seed in enumerate(seeds):
            for name in vars(whole):
                one, other = getattr(subset, name)[position], getattr(whole, name)[seed]
                assert one == (other if name != "train_loss" else pytest.approx(other, rel=1e-5)), name


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_diverged_runs_are_marked_and_do_not_affect_others(model):
    settings = replace(NOISY, model=model)
    data = make_data(settings, range(3))
    good = train(settings, range(3), data)
    data.x[1, 4] = np.inf
    mixed = train(settings, range(3), data)
    assert mixed.stopped == ["fitted", "diverged", "fitted"] and mixed.steps[1] == 0
    assert all(np.isnan(getattr(mixed, name)[1]) for name in ("train_loss", "train_error", "test_error"))
    for name in vars(good):
        assert [getattr(good, name)[run] for run in (0, 2)] == [getattr(mixed, name)[run] for run in (0, 2)]
    diverged = train(replace(settings, learning_rate=1e25, step_limit=20), range(3))
    assert diverged.stopped == ["diverged"] * 3 and max(diverged.steps) < 20 and np.isnan(diverged.test_error).all()
    at_the_limit = train(replace(settings, learning_rate=1e25, step_limit=max(diverged.steps)), range(3))
    assert at_the_limit.stopped == ["diverged"] * 3


@pytest.mark.parametrize("model", ["conv_pool", "mlp"])
def test_initial_weights_are_uniform_within_the_bound_of_their_fan_in(model):
    settings = replace(SETTINGS, model=model, channels=300, init_scale=2.0)
    net = make_model(settings)
    w, a = _both_layers.draw_weights(settings, net, [0, 1, 2])
    assert w.shape == (3, net.hidden, net.fan_in) and a.shape == (3, net.hidden) and w.dtype == a.dtype == torch.float32
    for layer, fan_in in ((w, net.fan_in), (a, net.hidden)):
        for drawn_weights in layer:
            values = drawn_weights.flatten().double() * fan_in**0.5 / 2
            assert stats.kstest(values, stats.uniform(-1, 2).cdf).pvalue > LIKELY
    for two, three in zip(_both_layers.draw_weights(settings, net, [2, 0]), (w, a), strict=True):
        assert torch.equal(two, three[[2, 0]])
    larger = _both_layers.draw_weights(replace(settings, init_scale=1.0), net, [0, 1, 2])
    for small, large in zip(larger, (w, a), strict=True):
        assert torch.equal(2 * small, large)
    assert len(torch.cat([(w * net.fan_in**0.5).flatten(), (a * net.hidden**0.5).flatten()]).unique()) > 0.99 * (
        w.numel() + a.numel()
    )
    for change in ({"root_seed": 8}, {"n_train": 13}, {"task": "digits"}):
        assert not torch.isin(_both_layers.draw_weights(replace(settings, **change), net, [0])[1], a).any()


def test_results_do_not_depend_on_how_often_finished_runs_are_removed():
    """On any device but "cpu", training looks for finished runs less often, because a GPU waits at each look."""
    settings = replace(NOISY, target_loss=0.2, step_limit=150)
    data = make_data(settings, range(6))
    often, seldom = (
        adam.train(settings, make_model(settings), data, [*range(6)], device) for device in ("cpu", "cpu:0")
    )
    assert often == seldom and len({*often.steps}) > 3 and {"fitted", "step_limit"} >= {*often.stopped}


# ---------------------------------------------------------------------------------------------- max_margin


@pytest.mark.parametrize(
    "size", [{}, {"n_train": 1}, {"n_train": 200}, {"d": 3, "l": 3, "n_patterns": 1}, {"n_patterns": 30}]
)
def test_the_maximum_margin_separates_orthogonal_patterns(size):
    settings = replace(SVM, **size)
    outcome = train(settings, range(4))
    assert astuple(outcome)[:4] == ([0] * 4, ["separated"] * 4, [0.0] * 4, [0.0] * 4)
    data = make_data(settings, range(4))
    for run in range(4):
        w = separate(data.y[run][:, None] * data.x[run].reshape(settings.n_train, -1)).weights
        margin = np.array([y * (w @ x.ravel()) for x, y in zip(data.x_test[run], data.y_test[run], strict=True)])
        at_zero = (abs(margin) < 1e-9).mean()  # rounding decides their sign
        assert (margin < -1e-9).mean() <= outcome.test_error[run] <= (margin < -1e-9).mean() + at_zero
        assert at_zero == 0 or settings.n_train == 1


def test_the_maximum_margin_learns_the_task_from_many_samples():
    outcome = train(replace(SVM, n_train=2000, n_test=500), [0])
    assert outcome.test_error == [0.0]


def test_training_sets_with_much_noise_are_not_separable():
    settings = replace(SVM, n_train=100, n_patterns=2, d=5, l=5, noise=1.0)
    outcome = train(settings, range(3))
    assert outcome.stopped == ["not_separable"] * 3 and min(outcome.train_error) > 0
    assert all(1 / 100 <= loss < 1 for loss in outcome.train_loss)


def test_loss_without_separation_is_the_mean_slack():
    """The two contradictory samples have a slack of 2 for any w. All other samples are separated."""
    data = with_contradiction(make_data(SVM, range(3)))
    outcome = train(SVM, range(3), data)
    assert outcome.stopped == ["not_separable"] * 3
    assert outcome.train_loss == pytest.approx([2 / 12] * 3, rel=1e-9)
    assert outcome.train_error == pytest.approx([1 / 12] * 3)


def test_an_output_of_0_counts_as_negative():
    x, other = np.zeros((1, 4, 2, 3)), np.zeros((1, 3, 2, 3))
    x[0, 0, 0, 0] = other[0, :, 1, 1] = 1  # the test inputs are orthogonal to the training samples
    data = Data(x, np.array([[1.0, 1.0, 1.0, -1.0]]), other, np.array([[1.0, 1.0, -1.0]]))
    outcome = max_margin.train(SVM, models.make("svm", 2, 3, 1), data, [0], "cpu")
    assert outcome.stopped == ["not_separable"] and outcome.train_loss == pytest.approx([3 / 4])
    assert (outcome.train_error, outcome.test_error) == ([2 / 4], pytest.approx([2 / 3]))
