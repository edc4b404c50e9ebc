"""The tangent kernel of ConvPool and its classifier, against brute force, random draws and finite networks."""

from itertools import permutations, product
from math import pi

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad, solve_ivp
from scipy.special import expit, ndtr

from convbias.checks import compute
from convbias.detection.models import conv_pool
from convbias.detection.models._network import outputs
from convbias.papers.brutzkus2021.checks import tangent_kernel as check
from convbias.papers.brutzkus2021.theory import tangent_kernel
from convbias.papers.brutzkus2021.theory.tangent_kernel import (
    feature_kernel,
    filter_kernel,
    gradient_features,
    kernel_outputs,
)


def test_feature_kernels_of_one_and_two_patterns_by_hand():
    """E max(g, h)_+^2 is E max(g, h)^2 = 1 less the part with both negative: 1/4 - 1/(2 pi)."""
    assert feature_kernel(1, 1, 1) == pytest.approx(1 / 2, abs=1e-11)
    assert feature_kernel(1, 1, 0) == pytest.approx(1 / (2 * pi), abs=1e-11)
    assert feature_kernel(2, 2, 2) == pytest.approx(3 / 4 + 1 / (2 * pi), abs=1e-11)


@pytest.mark.parametrize(("size", "other", "common"), [(2, 3, 1), (3, 3, 2), (4, 2, 0), (5, 3, 3)])
def test_the_feature_kernel_is_the_integral_of_the_joint_tail(size, other, common):
    """E[XY] is the integral of Pr(X > s, Y > t), a double integral with other factors than those of the function."""

    def tail(s, t):
        both = ndtr(s) ** (size - common) * ndtr(t) ** (other - common) * ndtr(min(s, t)) ** common
        return 1 - ndtr(s) ** size - ndtr(t) ** other + both

    below = dblquad(tail, 0, 9, lambda t: 0, lambda t: t, epsabs=1e-7)[0]
    above = dblquad(tail, 0, 9, lambda t: t, lambda t: 9, epsabs=1e-7)[0]
    assert feature_kernel(size, other, common) == pytest.approx(below + above, abs=2e-6)


@pytest.mark.parametrize(("size", "other", "common"), [(1, 1, 1), (2, 2, 1), (3, 2, 2), (2, 2, 0), (3, 3, 1)])
def test_the_filter_kernel_counts_orders_and_signs(size, other, common):
    """All orders of the responses are equally likely, and so are all signs."""
    union = size + other - common
    one, two = set(range(size)), set(range(size - common, union))
    hits = total = 0
    for order, positive in product(permutations(range(union)), product((0, 1), repeat=union)):
        magnitude = dict(zip(range(union), order, strict=True))
        g = {j: (1 + magnitude[j]) * (1 if positive[j] else -1) for j in range(union)}
        first, second = (max(own, key=g.__getitem__) for own in (one, two))
        hits += first == second and g[first] > 0
        total += 1
    assert filter_kernel(size, other, common) == pytest.approx(hits / total, rel=1e-12)


def test_both_kernels_are_those_of_random_filters_at_the_size_of_the_experiments(rng):
    """Ten patterns out of twenty: the mean over filters, within four standard errors."""
    drawn = rng.integers(20, size=(6, 10))
    features, filters = tangent_kernel.kernels(drawn, drawn[:3], 20)
    g = rng.normal(size=(100_000, 20))[:, drawn]
    winner = np.where(g.max(2) > 0, np.take_along_axis(drawn[None], g.argmax(2)[..., None], 2)[..., 0], -1)
    pooled = g.max(2).clip(0)
    for i, j in product(range(6), range(3)):
        response, same = pooled[:, i] * pooled[:, j], (winner[:, i] == winner[:, j]) & (winner[:, i] >= 0)
        for expected, found in ((features, response), (filters, same)):
            assert abs(found.mean() - expected[i, j]) < 4 * found.std() / len(found) ** 0.5


def test_the_kernel_is_the_mean_gradient_product_of_networks_with_the_initial_weights_of_the_project(rng):
    """The filters are uniform in a cube, and the patterns the rows of random orthogonal matrices: here d = 4, l = 3."""
    drawn, scale, networks = np.array([[0, 2, 2], [1, 2, 2], [1, 1, 1]]), 0.7, 100_000
    patterns = np.linalg.qr(rng.normal(size=(networks, 4, 4)))[0][:, :3]
    w, a = (
        rng.uniform(-scale / 2, scale / 2, (networks, 4)),
        rng.uniform(-scale / 3, scale / 3, networks),
    )  # nine filters
    responses = (patterns @ w[:, :, None])[..., 0][:, drawn]
    winners = np.take_along_axis(drawn[None], responses.argmax(2)[..., None], 2)[..., 0]
    active = (responses.max(2) > 0)[..., None]
    gradient = np.concatenate(
        [responses.max(2).clip(0)[..., None], a[:, None, None] * active * np.eye(3)[winners]], axis=2
    )
    gradient[..., 1:] *= 3  # the rate of W is nine times that of a, and both are relative to that of W
    expected = tangent_kernel.tangent_kernel(*tangent_kernel.kernels(drawn, drawn, 3), 4, scale)
    for i, j in product(range(3), repeat=2):
        found = (gradient[:, i] * gradient[:, j]).sum(1)
        assert abs(found.mean() - expected[i, j]) < 4 * found.std() / networks**0.5


def test_the_flow_is_that_of_an_integrator(rng):
    x, y = rng.normal(size=(12, 5)), np.sign(rng.normal(size=12))
    kernel, cross = np.exp(x @ x.T / 5), np.exp(rng.normal(size=(30, 5)) @ x.T / 5)
    start, start_test = rng.normal(size=12), rng.normal(size=30)
    found = tangent_kernel.kernel_outputs(kernel, cross, y, 0.05, start, start_test)

    def reached(_, c):
        return np.logaddexp(0, -y * (start + kernel @ (y * c))).mean() - 0.05

    reached.terminal = True
    flow = solve_ivp(
        lambda _, c: expit(-y * (start + kernel @ (y * c))),
        (0, 1e4),
        np.zeros(12),
        events=reached,
        rtol=1e-8,
        atol=1e-10,
    )
    expected = start_test + cross @ (y * flow.y[:, -1])
    assert flow.status == 1 and abs(found - expected).max() < 0.05 * abs(expected).max()


def test_the_flow_continues_until_no_sample_is_misclassified():
    """One of 40 samples alone on its side: the mean loss falls below 0.5 before that sample is classified."""
    y = np.ones(40)
    y[0] = -1.0
    kernel = np.ones((40, 40)) + 0.01 * np.eye(40)
    f = tangent_kernel.kernel_outputs(kernel, kernel, y, 0.5, np.zeros(40), np.zeros(40))
    assert (y * f > 0).all() and np.logaddexp(0, -y * f).mean() < 0.1


def test_the_flow_starts_from_wrong_outputs_of_any_size():
    """The step is limited although the derivative of the loss hardly changes there."""
    far = np.array([-60.0, 3.0])
    f = tangent_kernel.kernel_outputs(np.eye(2), np.eye(2), np.ones(2), 0.1, far, far)
    assert 0.05 < np.logaddexp(0, -f).mean() < 0.1
    assert f[1] == pytest.approx(np.log(np.exp(3) + 60), abs=0.2)  # df/dt = exp(-f), until the other output is positive


def test_a_flow_that_cannot_reach_its_target_is_refused(monkeypatch):
    monkeypatch.setattr(tangent_kernel, "STEP_LIMIT", 50)
    with pytest.raises(ValueError, match=r"the flow has a loss of 0\.69\d* after 50 steps"):
        tangent_kernel.kernel_outputs(
            np.ones((2, 2)), np.ones((1, 2)), np.array([1.0, -1.0]), 0.1, np.zeros(2), np.zeros(1)
        )


def test_gradient_features_are_the_gradient_of_the_network(rng):
    """The gradient of the loss of one sample is -y sigma(-y f) times that of f."""
    x, w, a = rng.normal(size=(5, 3, 4)), rng.normal(size=(6, 4)), rng.normal(size=6)
    features, patterns = tangent_kernel.gradient_features(x, w)
    W, A = torch.from_numpy(w)[None], torch.from_numpy(a)[None]
    for sample, feature, pattern in zip(x, features, patterns, strict=True):
        W_grad, a_grad = torch.empty_like(W), torch.empty_like(A)
        one = torch.from_numpy(sample)[None, None]
        conv_pool.make(3, 4, 6).gradient(one, torch.ones(1, 1).double(), W, A, W_grad, a_grad)()
        pull = -expit(-feature @ a)
        np.testing.assert_allclose(a_grad[0].numpy(), pull * feature, atol=1e-12)
        np.testing.assert_allclose(W_grad[0].numpy(), pull * a[:, None] * pattern.reshape(6, 4), atol=1e-12)
    assert 0 < (features == 0).mean() < 1  # some filters are not active


def test_a_wide_network_with_large_weights_has_the_outputs_of_its_kernel(rng):
    """Gradient descent with the two rates of the project, from weights so large that they hardly move."""
    k, d, scale, rate = 4000, 4, 6.0, 0.01
    x = rng.normal(size=(28, 3, d))
    y = np.sign(x[:8].sum((1, 2)))
    w, a = rng.uniform(-scale, scale, (k, d)) / d**0.5, rng.uniform(-scale, scale, k) / k**0.5
    features, patterns = gradient_features(x, w)
    weighted = patterns * np.repeat(a, d)
    kernel, start = features @ features.T / k + weighted @ weighted.T, features @ a
    expected = kernel_outputs(kernel[:8, :8], kernel[8:, :8], y, 0.1, start[:8], start[8:])
    W, A, X, Y = (torch.from_numpy(array)[None] for array in (w, a, x, y))
    W_grad, a_grad, model = torch.empty_like(W), torch.empty_like(A), conv_pool.make(3, d, k)
    gradient = model.gradient(X[:, :8], Y, W, A, W_grad, a_grad)
    while not ((found := gradient())[0] < 0.1 and found[1] == 0):
        W.sub_(W_grad, alpha=rate)
        A.sub_(a_grad, alpha=rate / k)
    after = outputs(model, X[:, 8:], W, A)[0].numpy()
    assert np.linalg.norm(after - expected) < 0.02 * np.linalg.norm(after - start[8:])


def test_random_filters_give_the_expected_kernel_and_outputs_of_its_law(rng):
    """Without noise the kernel is known. The initial outputs of a wide network have the covariance b^4 A / 9 d."""
    drawn = rng.integers(6, size=(5, 3))
    x = np.linalg.qr(rng.normal(size=(6, 6)))[0][drawn]
    features, filters = tangent_kernel.kernels(drawn, drawn, 6)
    kernel, _ = check.random_kernel(x, 3, 50_000, rng)
    np.testing.assert_allclose(kernel, tangent_kernel.tangent_kernel(features, filters, 6, 1.0)[:, :3], atol=0.003)
    starts = np.stack([check.random_kernel(x, 1, 300, rng)[1] for _ in range(2000)])
    np.testing.assert_allclose(np.cov(starts.T), features / 54, atol=0.004)


def test_the_kernel_of_a_network_approaches_the_expected_one_as_one_over_the_root_of_the_width(rng):
    drawn = rng.integers(20, size=(10, 5))
    expected = tangent_kernel.tangent_kernel(*tangent_kernel.kernels(drawn, drawn, 20), 20, 1.0)
    widths, away = [10, 100, 1000], []
    for k in widths:
        networks = [np.linalg.qr(rng.normal(size=(20, 20)))[0][drawn] for _ in range(12)]
        found = [np.linalg.norm(check.network_kernel(x, k, rng) - expected) for x in networks]
        away.append(np.mean(found) / np.linalg.norm(expected))
    assert np.polyfit(np.log(widths), np.log(away), 1)[0] == pytest.approx(-0.5, abs=0.08) and away[-1] < 0.1


SMALL = {
    "d": 6,
    "n_patterns": 3,
    "noise": 0.5,
    "n_train": [8, 12],
    "n_test": 100,
    "seeds": 2,
    "init_scales": [0.1, 3.0],
    "target_loss": 0.1,
    "draws": 300,
    "channels": [10, 300],
    "root_seed": 3,
}


def test_the_check_has_a_deviation_for_each_width_and_errors_for_each_scale():
    columns = compute("brutzkus2021-tangent-kernel", SMALL)
    keys = list(zip(*(columns[name] for name in ("quantity", "n_train", "k", "init_scale", "seed")), strict=True))
    expected = [("kernel_deviation", 8, k, None, seed) for k in (10, 300) for seed in (0, 1)]
    for size, seed in product((8, 12), (0, 1)):
        expected.append(("kernel_clean_error", size, None, None, seed))
        expected += [("kernel_noisy_error", size, None, scale, seed) for scale in (0.1, 3)]
    assert sorted(keys, key=str) == sorted(expected, key=str)
    values = dict(zip(keys, columns["value"], strict=True))
    assert all(
        values["kernel_deviation", 8, 10, None, seed] > values["kernel_deviation", 8, 300, None, seed]
        for seed in (0, 1)
    )
    assert max(value for key, value in values.items() if "error" in key[0]) < 0.5


def test_initial_outputs_and_kernels_grow_with_the_square_of_the_scale(monkeypatch):
    sizes = []
    monkeypatch.setattr(
        check, "test_error", lambda kernel, start, *_: sizes.append((kernel.sum(), start @ start)) or 0.0
    )
    compute("brutzkus2021-tangent-kernel", SMALL)
    (_, nothing), (kernel, start), (larger, wider) = sizes[:3]  # without noise, and with noise at scales 0.1 and 3
    assert nothing == 0 and larger == pytest.approx(900 * kernel, rel=1e-4)
    assert wider == pytest.approx(900**2 * start, rel=1e-4)
