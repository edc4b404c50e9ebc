"""The tangent kernel of ConvPool and its classifier, against brute force, random draws and finite networks."""

from itertools import permutations, product
from math import pi

import numpy as np
import pytest
from scipy.integrate import dblquad, solve_ivp
from scipy.special import expit, ndtr

from convbias.papers.brutzkus2021.theory import tangent_kernel
from convbias.papers.brutzkus2021.theory.tangent_kernel import feature_kernel, filter_kernel


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
    expected = tangent_kernel.tangent_kernel(*tangent_kernel.kernels(drawn, drawn, 3), 9, 4, scale)
    for i, j in product(range(3), repeat=2):
        found = 9 * (gradient[:, i] * gradient[:, j]).sum(1)
        assert abs(found.mean() - expected[i, j]) < 4 * found.std() / networks**0.5


def test_the_flow_is_that_of_an_integrator(rng):
    x, y = rng.normal(size=(12, 5)), np.sign(rng.normal(size=12))
    kernel, cross = np.exp(x @ x.T / 5), np.exp(rng.normal(size=(30, 5)) @ x.T / 5)
    found = tangent_kernel.kernel_outputs(kernel, cross, y, 0.05)

    def reached(_, c):
        return np.logaddexp(0, -y * (kernel @ (y * c))).mean() - 0.05

    reached.terminal = True
    flow = solve_ivp(
        lambda _, c: expit(-y * (kernel @ (y * c))), (0, 1e4), np.zeros(12), events=reached, rtol=1e-8, atol=1e-10
    )
    expected = cross @ (y * flow.y[:, -1])
    assert flow.status == 1 and abs(found - expected).max() < 0.05 * abs(expected).max()


def test_the_flow_continues_until_no_sample_is_misclassified():
    """One of 40 samples alone on its side: the mean loss falls below 0.5 before that sample is classified."""
    y = np.ones(40)
    y[0] = -1.0
    kernel = np.ones((40, 40)) + 0.01 * np.eye(40)
    f = tangent_kernel.kernel_outputs(kernel, kernel, y, 0.5)
    assert (y * f > 0).all() and np.logaddexp(0, -y * f).mean() < 0.1


def test_a_flow_that_cannot_reach_its_target_is_refused(monkeypatch):
    monkeypatch.setattr(tangent_kernel, "STEP_LIMIT", 50)
    with pytest.raises(ValueError, match=r"the flow has a loss of 0\.69\d* after 50 steps"):
        tangent_kernel.kernel_outputs(np.ones((2, 2)), np.ones((1, 2)), np.array([1.0, -1.0]), 0.1)
