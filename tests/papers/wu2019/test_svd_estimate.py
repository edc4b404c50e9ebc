"""The SVD estimate of wu2019: the test error of the X-hinge limit."""

import numpy as np
import pytest
import torch

import reference
from convbias.linear import models, tasks, training
from convbias.papers.wu2019.theory import svd_estimate
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs

TASKS = ["cls", "first_person", "third_person"]


def matrix_of(x, y, k):
    """M_{x,y} = y A_x by definition: column j is x shifted left by j positions (Section 2.2)."""
    return y * np.stack([np.pad(x, (0, j))[j:] for j in range(k)], axis=1)


def draw(name, d, n_train, seeds):
    task = tasks.make(name, d)
    return task, np.stack([tasks.draw_points(task, 7, n_train, seed) for seed in range(seeds)])


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("name", TASKS)
def test_the_mean_matrix_is_the_mean_over_samples(name, k):
    task, points = draw(name, 10, 12, 1)
    x, y = reference.dense(task)
    expected = np.mean([matrix_of(x[point], y[point], k) for point in points[0]], axis=0)
    np.testing.assert_allclose(svd_estimate.mean_matrix(task, points[0], k), expected, atol=1e-15)


@pytest.mark.parametrize("name", TASKS)
def test_limit_margins_are_the_smallest_over_all_top_singular_pairs(name, rng):
    """Compare with v'M_{x,y}'u on a fine grid over the circle of top singular pairs."""
    d, k = 10, 3
    task = tasks.make(name, d)
    x, y = reference.dense(task)
    u, v = (np.linalg.qr(rng.normal(size=(size, 2)))[0] for size in (d, k))
    angles = np.linspace(0, np.pi, 20001)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    for m in (1, 2):
        pairs = circle[:m, :1] if m == 1 else circle
        margins = [
            np.einsum("km,ma,dk,dn,na->a", v[:, :m], pairs, matrix_of(a, b, k), u[:, :m], pairs, optimize=True).min()
            for a, b in zip(x, y, strict=True)
        ]
        np.testing.assert_allclose(svd_estimate.limit_margins(task, u[:, :m], v[:, :m])[:, 0], margins, atol=1e-7)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_limit_margins_do_not_depend_on_the_basis_of_the_svd(m, rng):
    task = tasks.make("third_person", 10)
    u, v = (np.linalg.qr(rng.normal(size=(size, m)))[0] for size in (10, 4))
    turn = np.linalg.qr(rng.normal(size=(m, m)))[0]
    expected = svd_estimate.limit_margins(task, u, v)
    np.testing.assert_allclose(svd_estimate.limit_margins(task, u @ turn, v @ turn), expected, atol=1e-12)
    np.testing.assert_allclose(svd_estimate.limit_margins(task, -u, -v), expected, atol=1e-12)


def test_one_sample_by_hand():
    """M has k equal singular values, with v = e_j and u = e_{l-j}. Only the seen position is always right."""
    d, k, position = 10, 3, 6
    task = tasks.make("cls", d)
    estimate = svd_estimate.estimate(task, np.array([[position, position]]), k)
    assert estimate.sigma1[0] == pytest.approx(1) and estimate.sigma2[0] == pytest.approx(1)
    assert estimate.degenerate[0]
    # At distance s the quadratic form is a shift of k coordinates by s. For 0 < s < k its smallest eigenvalue is
    # negative, so the initial weights decide the sign. For larger s the form is 0.
    shifted = [[np.linalg.eigvalsh(np.eye(k, k=s) + np.eye(k, k=-s))[0] / 2 for s in range(1, k)]]
    assert (np.array(shifted) < -0.1).all()
    near, far = 2 * (k - 1), d - 1 - 2 * (k - 1)
    assert estimate.test_error[0] == pytest.approx((near + far / 2) / d)
    assert estimate.train_error[0] == 0
    # With Gaussian w1_0 the output at distance s is a sum of z_j z_{j+s}, which is symmetric around 0.
    assert estimate.gaussian_test_error[0] == pytest.approx((d - 1) / d / 2)


def test_two_adjacent_samples_by_hand():
    """Theorem 4: one adjacent pair makes all positions within k of it right. The others are ties."""
    d, k = 20, 3
    task = tasks.make("cls", d)
    estimate = svd_estimate.estimate(task, np.array([[9, 10]]), k)
    assert not estimate.degenerate[0] and estimate.gaussian_test_error[0] == estimate.test_error[0]
    matrix = svd_estimate.mean_matrix(task, np.array([9, 10]), k)
    # M'M is tridiagonal with 1/2 on the diagonal and 1/4 next to it: sigma_1^2 = 1/2 + cos(pi/4)/2
    assert estimate.sigma1[0] == pytest.approx((0.5 + np.cos(np.pi / 4) / 2) ** 0.5)
    assert (matrix.T @ matrix)[0, 2] == 0
    covered = len(range(9 - (k - 1), 10 + k))
    assert estimate.test_error[0] == pytest.approx((d - covered) / d / 2)


@pytest.mark.parametrize("name", TASKS)
def test_xhinge_training_converges_to_the_estimated_limit(name):
    """Compare after enough steps to separate sigma_1, for training sets with a simple top singular value."""
    d, k, n_train, seeds = 20, 3, 30, 40
    task, points = draw(name, d, n_train, seeds)
    estimate = svd_estimate.estimate(task, points, k)
    weights = models.draw_weights("conv", d, k, 7, name, n_train, list(range(seeds)), 0.1)
    trained = training.train(task, "conv", "xhinge", k, weights, points, 0.5, 1000)
    gap = (1 + 0.5 * estimate.sigma2) / (1 + 0.5 * estimate.sigma1)
    settled = ~estimate.degenerate & (gap**1000 < 1e-6)
    assert settled.sum() > seeds / 2
    w = trained.w.T
    x, y = reference.dense(task)
    for run in np.nonzero(settled)[0]:
        u, _, vt = np.linalg.svd(svd_estimate.mean_matrix(task, points[run], k))
        limit = svd_estimate.limit_margins(task, u[:, :1], vt[:1].T)[:, 0]
        reached = y * (x @ w[:, run])
        np.testing.assert_allclose(reached / abs(reached).max(), limit / abs(limit).max(), atol=1e-4)


def test_margins_of_zero_up_to_rounding_are_ties():
    margin = np.array([1e-17, -1e-17, 0.0, 0.3, -0.3, 1e-3, -1e-3, 0.2])
    assert svd_estimate.error(margin) == (2 + 3 / 2) / 8


@pytest.mark.parametrize("n_train", [10, 30, 300])
@pytest.mark.parametrize("name", TASKS)
def test_no_singular_gap_or_margin_is_near_the_tolerances(name, n_train):
    """Equal values differ by rounding, far below the tolerances. All other differences are above them."""
    task, points = draw(name, 100, n_train, 40)
    for sample in points:
        u, s, v = top_singular_pairs(svd_estimate.mean_matrix(task, sample, 5))
        gap = 1 - s[1:] / s[0]
        assert not ((gap > 1e-12) & (gap < 1e-5)).any()
        margin = abs(svd_estimate.limit_margins(task, u, v))
        assert not ((margin > 1e-11) & (margin <= svd_estimate.SAME_MARGIN)).any()


@pytest.mark.parametrize("name", TASKS)
def test_gaussian_error_is_the_mean_over_gaussian_weights(name, rng):
    """Compare with the limit of Lemma 1 for 4000 Gaussian w1_0, on small, mostly degenerate training sets."""
    d, k, n_train, seeds = 20, 3, 3, 12
    task, points = draw(name, d, n_train, seeds)
    estimate = svd_estimate.estimate(task, points, k)
    assert estimate.degenerate.any()
    x, y = reference.dense(task)
    for sample, degenerate, expected, bound in zip(
        points, estimate.degenerate, estimate.gaussian_test_error, estimate.test_error, strict=True
    ):
        matrix = svd_estimate.mean_matrix(task, sample, k)
        errors = []
        for start in rng.normal(size=(4000 if degenerate else 3, k)):
            w1, w2 = limit_weights(matrix, start, np.zeros(d))
            norm = np.linalg.norm(w1) * np.linalg.norm(w2)
            errors.append(
                svd_estimate.error(
                    y
                    * (
                        x
                        @ reference.effective("conv", torch.from_numpy(np.concatenate([w1, w2])).split([k, d])).numpy()
                    )
                    / norm
                )
            )
        assert abs(np.mean(errors) - expected) <= 4 * np.std(errors) / len(errors) ** 0.5 + 1e-12
        assert expected <= bound + 1e-12


def test_the_limit_does_not_separate_a_small_training_set_of_third_person():
    """d = 4, k = 2: e_1 - e_2 twice and e_2 - e_3 once, all with y = -1 (an example for footnote 6)."""
    task = tasks.make("third_person", 4)
    x, y = reference.dense(task)
    samples = np.array([[1, -1, 0, 0], [1, -1, 0, 0], [0, 1, -1, 0]])
    points = np.array([int(np.flatnonzero((x == sample).all(1))[0]) for sample in samples])
    assert (y[points] == -1).all()
    found = svd_estimate.estimate(task, points[None], 2)
    assert not found.degenerate[0] and found.train_error[0] == pytest.approx(1 / 3)
    matrices = [matrix_of(sample, label, 2) for sample, label in zip(samples, y[points], strict=True)]
    u, _, v = np.linalg.svd(sum(matrices))
    margins = [v[0] @ M.T @ u[:, 0] for M in matrices]
    assert margins[0] > 0 > margins[2]
