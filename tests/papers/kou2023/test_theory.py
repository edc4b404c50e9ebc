"""The theory of kou2023 against autograd, closed forms and drawn inputs; and the published numbers."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from convbias.papers.kou2023.draws import draw
from convbias.papers.kou2023.published import ERRORS, MU
from convbias.papers.kou2023.theory import boundary, span, two_filters


def in_torch(one, mu, weight, learning_rate, steps):
    """The same training as PyTorch does it: a convolution over the two patches, two logits and cross entropy."""
    d, filters = one.weights.shape[1], len(one.bias)
    signal = np.zeros((len(one.y), d))
    signal[:, 0] = mu * one.y
    x = torch.from_numpy(np.concatenate([signal, one.vectors[1:]], axis=1))[:, None]
    conv = torch.nn.Conv1d(1, filters, d, d, dtype=torch.float64)
    conv.load_state_dict({"weight": torch.from_numpy(one.weights)[:, None], "bias": torch.from_numpy(one.bias)})
    classes = torch.from_numpy((one.labels < 0).astype(int))  # the first logit is that of label 1
    optimiser = torch.optim.SGD(conv.parameters(), lr=learning_rate)
    for _ in range(steps):
        loss(conv, x, classes, weight).backward()
        optimiser.step()
        optimiser.zero_grad()
    return conv.weight.detach()[:, 0].numpy(), conv.bias.detach().numpy(), loss(conv, x, classes, weight).item()


def loss(conv, x, classes, weight):
    responses = weight * torch.relu(conv(x)).sum(2)
    logits = torch.stack([part.sum(1) for part in responses.chunk(2, dim=1)], dim=1)
    return torch.nn.functional.cross_entropy(logits, classes)


@pytest.mark.parametrize(("weight", "mu", "rate"), [(1, 2.0, 0.1), (0.5, 0.7, 0.3)])
def test_training_in_the_span_is_training_with_autograd(weight, mu, rate):
    one = draw(30, 8, 4, 0.2, 1, 1, 0, 7)
    trained = span.train(one.gram, one.start, one.bias, one.y, one.labels, np.array([0.0, mu]), weight, rate, 30)
    weights, bias, final = in_torch(one, mu, weight, rate, 30)
    found = one.weights + trained.coefficients[1] @ one.vectors
    assert found == pytest.approx(weights, abs=1e-12) and abs(found - one.weights).max() > 0.1
    assert trained.bias[1] == pytest.approx(bias, abs=1e-12)
    assert trained.loss[1] == pytest.approx(final, rel=1e-9)
    assert trained.along[1] == pytest.approx(weights[:, 0], abs=1e-12)
    spread = span.covariance(trained.coefficients, one.gram, one.start, one.initial)
    assert spread[1] == pytest.approx(weights @ weights.T, abs=1e-10)


def test_a_large_step_does_not_overflow():
    one = draw(30, 8, 4, 0, 1, 1, 0, 7)
    trained = span.train(one.gram, one.start, one.bias, one.y, one.labels, np.array([5.0]), 1, 1e4, 3)
    assert np.isfinite(trained.coefficients).all() and np.isfinite(trained.loss).all()


def test_test_inputs_have_the_law_of_inputs_in_the_whole_space():
    """The same network on inputs that are drawn in R^d: the errors differ by less than five standard errors."""
    one = draw(40, 10, 5, 0.1, 1, 40_000, 3, 7)
    mu = np.array([1.0, 2.5])
    trained = span.train(one.gram, one.start, one.bias, one.y, one.labels, mu, 1, 0.1, 50)
    spread = span.covariance(trained.coefficients, one.gram, one.start, one.initial)
    found = span.clean_errors(trained, spread, mu, one.normal).mean(1)
    rng, a = np.random.default_rng(5), span.signs(10)
    for C, bias, strength, error in zip(trained.coefficients, trained.bias, mu, found, strict=True):
        W, y = one.weights + C @ one.vectors, rng.choice([-1, 1], 40_000)
        noise, signal = rng.normal(size=(40_000, 40)) @ W.T, strength * y[:, None] * W[:, 0]
        f = (np.maximum(noise + bias, 0) + np.maximum(signal + bias, 0)) @ a
        assert abs((f * y <= 0).mean() - error) < 5 * 0.5 / 40_000**0.5 and 0.05 < error < 0.45


def test_without_a_signal_every_network_errs_on_half_of_the_inputs():
    one = draw(20, 6, 3, 0.1, 1, 100, 1, 7)
    trained = span.train(one.gram, one.start, one.bias, one.y, one.labels, np.zeros(1), 1, 0.1, 20)
    spread = span.covariance(trained.coefficients, one.gram, one.start, one.initial)
    assert span.clean_errors(trained, spread, np.zeros(1), one.normal) == pytest.approx(0.5)


def test_two_independent_filters_have_known_probabilities():
    """Both are inactive with probability 1/4; far from the kink, the difference of two filters is normal."""
    mean, spread = np.zeros(2), np.eye(2)
    assert two_filters.probability_below(0.0, mean, spread) == pytest.approx(5 / 8)
    assert two_filters.probability_below(-1e-12, mean, spread) == pytest.approx(3 / 8)
    assert two_filters.probability_below(20.0, mean, spread) == pytest.approx(1)
    spread = np.array([[1.0, 0.6], [0.6, 2.0]])
    for c in (-1.0, 0.3):
        expected = norm.cdf((c + 1) / np.sqrt(3 - 1.2))
        assert two_filters.probability_below(c, np.array([30.0, 31.0]), spread) == pytest.approx(expected, abs=1e-9)


def test_the_error_of_two_filters_averages_over_the_labels():
    bias, spread = np.array([0.1, -0.2]), np.array([[1.0, 0.3], [0.3, 0.5]])
    one, other = (two_filters.probability_below(-s, bias, spread) for s in (0.7, -0.4))
    assert two_filters.clean_error(np.array([0.7, -0.4]), bias, spread) == pytest.approx((one + 1 - other) / 2)


def test_a_contour_is_where_the_linear_error_has_its_level():
    for start in (0, 1e5):
        mu = boundary.linear_contour(0.3, 20, 500, 0.1, start)
        assert 0.1 + 0.8 * boundary.linear_error(20, mu, 500, 0.1, start) == pytest.approx(0.3)


def test_contours_grow_with_the_power_that_the_derivation_gives():
    """1/4 without the initial function or with steps of a fixed size, and 1/2 after training to a fixed loss."""
    d = np.array([1e6, 1e7])
    for start, power in ((lambda d: 0, 0.25), (lambda d: 3.0, 0.25), (lambda d: d**2, 0.5)):
        at = [boundary.linear_contour(0.3, 20, size, 0.1, start(size)) for size in d]
        assert np.diff(np.log(at)) / np.diff(np.log(d)) == pytest.approx(power, abs=1e-3)


def test_the_linear_error_is_that_of_a_linear_classifier_after_one_step():
    """w = sum_i l_i x_i, averaged over training sets: its exact error, given w, is a normal probability."""
    n, d, mu, rng = 400, 4000, 1.1, np.random.default_rng(2)
    errors = []
    for _ in range(5):
        y, noise = rng.choice([-1.0, 1.0], n), rng.normal(size=(n, d))
        labels = np.where(rng.random(n) < 0.1, -y, y)
        errors.append(norm.cdf(-(mu**2) * (labels @ y) / np.linalg.norm(labels @ noise)))
    assert np.mean(errors) == pytest.approx(boundary.linear_error(n, mu, d, 0.1), rel=0.05)


def test_the_published_row_at_d_100():
    row = dict(zip(MU, ERRORS[100].round(3), strict=True))
    assert [row[float(mu)] for mu in range(10)] == [0.498, 0.357, 0.24, 0.182, 0.156, 0.127, 0.118, 0.12, 0.114, 0.12]
    assert all(len(row) == 100 for row in ERRORS.values())
    assert np.mean([row.mean() for row in ERRORS.values()]) == pytest.approx(0.2042, abs=0.01)
