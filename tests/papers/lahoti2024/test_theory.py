"""The networks of lahoti2024 against drawn inputs, autograd and known limits."""

import numpy as np
import pytest
import torch

from convbias.detection.tasks import draw as draw_inputs
from convbias.detection.tasks import make
from convbias.papers.lahoti2024.draws import draw
from convbias.papers.lahoti2024.theory import descent, lsa


def test_the_moments_are_those_of_drawn_normal_numbers(rng):
    mean, deviation, b = np.array([0.0, 0.4, -1.2]), np.array([0.5, 0.2, 0.9]), np.array([0.3, 0.1, 0.0])
    values = lsa.lsa(mean + deviation * rng.normal(size=(100_000, 3)), b)
    for found, drawn in zip(lsa.moments(mean, deviation, b), (values, values**2), strict=True):
        assert (abs(found - drawn.mean(0)) < 5 * drawn.std(0) / 100_000**0.5).all()


def test_without_a_threshold_a_network_is_linear():
    """Then f(x) is normal, with mean y w_j . w* and variance sigma^2 sum_i |w_i|^2."""
    along, length = np.array([[0.5, -0.2, 1.0]]), np.array([[0.6, 0.3, 1.5]])
    expected = ((1 - along) ** 2).mean() + 0.3**2 * (length**2).sum()
    assert lsa.risk(along, length, np.zeros(1), 0.3) == pytest.approx(expected)


def test_the_risk_is_that_of_inputs_of_the_task(rng):
    """Inputs of the task dynamic_signal with noise; filters differ from place to place."""
    patterns = make("dynamic_signal", 6, 3, rng, None)
    drawn, y = draw_inputs(patterns, rng, 40_000, 4, test=True)
    x = patterns.inputs(drawn) + 0.25 * rng.normal(size=(40_000, 4, 6))
    W, b = patterns.vectors[0] + 0.3 * rng.normal(size=(4, 6)), np.array([0.4])
    losses = (y - lsa.lsa((x * W).sum(2), b).sum(1)) ** 2
    exact = lsa.risk(W[None] @ patterns.vectors[0], np.linalg.norm(W, axis=1)[None], b, 0.25)[0]
    assert abs(losses.mean() - exact) < 5 * losses.std() / 200


def test_the_best_risk_is_the_smallest_on_a_grid():
    scales, thresholds = np.linspace(0.05, 2, 60), np.linspace(0, 1.5, 60)
    for places, noise in ((20, 0.112), (10, 0.5)):
        grid = [lsa.risk(np.full((60, places), s), np.full((60, places), s), thresholds, noise).min() for s in scales]
        found = lsa.best_risk(places, noise)
        assert min(grid) - 0.002 < found <= min(grid)
    assert lsa.best_risk(10, 1e-3) < 1e-4 and lsa.best_risk(10, 30.0) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("filters", [1, 5], ids=["CNN", "LCN"])
def test_the_gradient_is_that_of_autograd(filters, rng):
    x, y = rng.normal(size=(2, 5, 7, 3)), rng.choice([-1.0, 1.0], (2, 7))
    W, b = rng.normal(size=(2, filters, 3)), np.array([0.2, 0.6])
    weights, threshold = (torch.from_numpy(array).requires_grad_() for array in (W, b))
    u = (torch.from_numpy(x) * weights[:, :, None]).sum(3)
    f = (torch.relu(u - threshold[:, None, None]) - torch.relu(-u - threshold[:, None, None])).sum(1)
    ((torch.from_numpy(y) - f) ** 2).mean(1).sum().backward()
    found = descent.gradient(x, y, W, b)
    assert found[0] == pytest.approx(weights.grad.numpy()) and found[1] == pytest.approx(threshold.grad.numpy())


def test_many_samples_reach_the_best_risk_and_few_do_not():
    best = lsa.best_risk(4, 0.2)
    for filters, enough in ((1, 600), (4, 2000)):
        for n, near in ((3, False), (enough, True)):
            one = draw(4, 5, 0.2, n, 0, 7)
            found = descent.smallest_risk(one.x[None], one.y[None], one.W[None, :filters], 0.2, 0.5, 0.05, 200)[0]
            assert (best - 1e-9 < found < best + 0.01) == near


def test_a_run_that_diverges_keeps_its_smallest_risk():
    one = draw(4, 5, 0.2, 20, 0, 7)
    found = descent.smallest_risk(one.x[None], one.y[None], one.W[None], 0.2, 50.0, 1e-9, 100)[0]
    assert found == pytest.approx(1, abs=0.01)


def test_networks_that_differ_in_the_noise_have_the_same_random_numbers():
    quiet, loud = (draw(4, 5, noise, 30, 0, 7) for noise in (0.1, 0.2))
    signal = draw(4, 5, 1e-9, 30, 0, 7).x
    assert loud.x - signal == pytest.approx(2 * (quiet.x - signal), abs=1e-6)
    assert (loud.W == quiet.W).all() and (abs(signal).max((0, 2)) == pytest.approx(1))
