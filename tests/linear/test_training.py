"""Training of linear networks: convergence, exact results, independence of batches and divergence."""

import numpy as np
import pytest
import torch

import reference
from convbias.linear import losses, models, tasks, training
from convbias.linear.bits import elementwise, pairwise_sum
from convbias.linear.training import until_satisfied
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.sparseness import sparse_positions
from convbias.papers.wu2019.theory.xhinge import xhinge_weights
from convbias.registry import names
from reference import TOLERANCE
from running import loaded

TASKS = names("linear.tasks")
MODELS = names("linear.models")
LOSSES = names("linear.losses")
RUNS = 100


def train(task, model, loss, n_train, seeds, d=20, k=3, lr=0.1, b=0.1, max_steps=20000, points=None, weights=None):
    """Train the networks of these seeds as one batch."""
    seeds = list(seeds)
    data, net = tasks.make(task, d), models.make(model, d, k)
    if points is None:
        points = np.stack([tasks.draw_points(data, 7, n_train, seed) for seed in seeds])
    if weights is None:
        weights = models.draw_weights(net, 7, task, n_train, seeds, b)
    samples, everything = models.stack(data.rows[points]), torch.from_numpy(data.rows)
    return training.train(net, losses.make(loss), weights, samples, everything, lr, max_steps)


def same(one, other):
    """Assert that two results are equal bit for bit."""
    for field in ("weights", "steps"):
        assert torch.equal(getattr(one, field), getattr(other, field))
    assert one.stopped == other.stopped
    for column, values in one.errors._asdict().items():
        assert torch.equal(values, getattr(other.errors, column))


def pick(trained, runs):
    """Some networks of a batch, in that order."""
    errors = training.Errors(*(column[runs] for column in trained.errors))
    stopped = [trained.stopped[run] for run in runs]
    return training.Trained(trained.weights[:, runs], trained.steps[runs], stopped, errors, [])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_batch_agrees_with_gradient_descent_on_single_networks(task, model, loss):
    seeds, n_train, d, k = range(6), 12, 10, 3
    data, net = tasks.make(task, d), models.make(model, d, k)
    x, y = reference.dense(data)
    start = models.draw_weights(net, 7, task, n_train, list(seeds), 0.5)
    limit = 5000 if loss == "hinge" else 200
    trained = train(task, model, loss, n_train, seeds, d=d, k=k, b=0.5, max_steps=limit)
    for seed in seeds:
        points = tasks.draw_points(data, 7, n_train, seed)
        layers = np.split(start[:, seed].numpy(), np.cumsum([layer.size for layer in net.layers])[:-1])
        weights, steps = reference.train(model, loss, layers, x[points], y[points], 0.1, limit)
        assert trained.steps[seed] == steps
        torch.testing.assert_close(
            trained.weights[:, seed], torch.cat(weights).detach(), rtol=TOLERANCE[torch.float64], atol=1e-12
        )
        w = reference.effective(model, weights).detach().numpy()
        assert trained.errors.test_error[seed] == pytest.approx(reference.error(w, x, y), abs=1e-12)
        assert trained.errors.train_error[seed] == pytest.approx(reference.error(w, x[points], y[points]), abs=1e-12)
        margin = torch.from_numpy(y[points] * (x[points] @ w))
        value = 0.0 if loss == "hinge" else float(reference.LOSSES[loss](margin).mean())
        assert trained.errors.train_loss[seed] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("d", "k"), [(20, 1), (20, 3), (20, 20), (100, 5)])
@pytest.mark.parametrize("task", TASKS)
def test_xhinge_weights_agree_with_their_closed_form(task, d, k):
    n_train, steps, seeds = 15, 1000, range(5)
    data = tasks.make(task, d)
    x, y = reference.dense(data)
    start = models.draw_weights(models.make("conv", d, k), 7, task, n_train, list(seeds), 0.1).numpy()
    trained = train(task, "conv", "xhinge", n_train, seeds, d=d, k=k, max_steps=steps)
    assert set(trained.stopped) == {"all_steps"} and (trained.steps == steps).all()
    for seed in seeds:
        points = tasks.draw_points(data, 7, n_train, seed)
        mean = np.pad((y[points, None] * x[points]).mean(0), (0, k))
        matrix = np.array([[mean[i + j] for j in range(k)] for i in range(d)])
        expected = np.concatenate(xhinge_weights(matrix, start[:k, seed], start[k:, seed], 0.1, steps))
        gap = abs(trained.weights[:, seed].numpy() - expected).max() / abs(expected).max()
        assert gap < TOLERANCE[torch.float64]


@pytest.mark.parametrize("b", [0.01, 1.0])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_hinge_stops_at_the_first_step_at_which_the_loss_is_0(task, model, b):
    trained = train(task, model, "hinge", 25, range(20), b=b)
    assert set(trained.stopped) == {"zero_loss"}
    assert (trained.errors.train_loss == 0).all() and (trained.errors.train_error == 0).all()
    for seed in range(3):
        steps = int(trained.steps[seed])
        early = train(task, model, "hinge", 25, [seed], b=b, max_steps=steps - 1)
        assert early.stopped == ["step_limit"] and early.errors.train_loss[0] > 0
        exact = train(task, model, "hinge", 25, [seed], b=b, max_steps=steps)
        assert exact.stopped == ["zero_loss"] and torch.equal(exact.weights[:, 0], trained.weights[:, seed])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_a_network_has_the_same_bits_in_any_batch(task, model, loss):
    # with the hinge loss, some networks finish within the limit and some do not
    settings = {"max_steps": 200, "b": 0.5, "d": 12} if model == "two_layer" else {"max_steps": 600, "b": 1.0}
    whole = train(task, model, loss, 40, range(RUNS), **settings)
    for size in (1, 7):
        for first in [*range(0, 3 * size, size), RUNS - size]:
            runs = list(range(first, first + size))
            same(train(task, model, loss, 40, runs, **settings), pick(whole, runs))
    backwards = list(range(RUNS))[::-1]
    same(train(task, model, loss, 40, backwards, **settings), pick(whole, backwards))
    torch.set_num_threads(2)
    try:
        same(train(task, model, loss, 40, range(RUNS), **settings), whole)
    finally:
        torch.set_num_threads(1)


def test_cutting_batches_to_fit_the_memory_changes_nothing(monkeypatch):
    whole = train("cls", "conv", "hinge", 20, range(30))
    monkeypatch.setattr(training, "BATCH_RUNS", 8)
    same(train("cls", "conv", "hinge", 20, range(30)), whole)
    monkeypatch.setattr(training, "BATCH_BYTES", 1)
    same(train("cls", "conv", "hinge", 20, range(30)), whole)


@pytest.mark.parametrize("model", ["one_layer", "conv"])
@pytest.mark.parametrize("task", TASKS)
def test_watching_only_some_samples_changes_nothing(task, model, monkeypatch):
    monkeypatch.setattr(until_satisfied, "FEW", 0)
    watched = train(task, model, "hinge", 60, range(20))
    monkeypatch.setattr(until_satisfied, "SPREAD", torch.inf)  # every sample is watched at every step
    every = train(task, model, "hinge", 60, range(20))
    same(watched, every)
    monkeypatch.setattr(until_satisfied, "SPREAD", 0.0)  # samples often escape, and their periods are repeated
    same(train(task, model, "hinge", 60, range(20)), every)
    monkeypatch.setattr(until_satisfied, "FEW", 2**30)  # the batch counts as small, so every sample is watched
    same(train(task, model, "hinge", 60, range(20)), every)


def test_periods_are_repeated_if_the_window_is_too_small(monkeypatch):
    """Otherwise the previous test would test nothing."""
    monkeypatch.setattr(until_satisfied, "FEW", 0)
    taken = []
    take = until_satisfied._Batch.take
    monkeypatch.setattr(until_satisfied._Batch, "take", lambda *args: taken.append(args[1]) or take(*args))
    needed = int(train("third_person", "one_layer", "hinge", 60, range(20)).steps.max())
    taken.clear()
    monkeypatch.setattr(until_satisfied, "SPREAD", 0.0)
    train("third_person", "one_layer", "hinge", 60, range(20))
    assert len(taken) > -(-needed // until_satisfied.PERIOD)


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_one_layer_error_agrees_with_the_exact_error_at_every_sample_size(task):
    """Simultaneous 95 % intervals at all sample sizes (Bonferroni), with the d of the paper."""
    sizes, runs = loaded({})["linear"]["wu2019-fig2"]["n_train"][task], 400
    assert len(sizes) == 12
    for n_train in sizes:
        error = train(task, "one_layer", "hinge", n_train, range(runs), d=100).errors.test_error.numpy()
        half = 2.87 * error.std(ddof=1) / runs**0.5  # normal quantile at 1 - 0.025 / 12
        assert abs(error.mean() - one_layer_error(100, n_train)) < half, n_train


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_one_layer_error_does_not_depend_on_the_initial_scale(task):
    small, large = (train(task, "one_layer", "hinge", 30, range(50), b=b) for b in (0.01, 1.0))
    assert torch.equal(small.errors.test_error, large.errors.test_error)
    assert not torch.equal(small.steps, large.steps)


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_conv_with_filter_size_1_has_the_error_of_one_layer(task):
    """With k = 1, the weight of an unseen position does not change. Only the common factor w1 does."""
    n_train, runs = 30, 400
    conv = train(task, "conv", "hinge", n_train, range(runs), d=100, k=1)
    assert set(conv.stopped) == {"zero_loss"}
    error = conv.errors.test_error.numpy()
    assert abs(error.mean() - one_layer_error(100, n_train)) < 2.6 * error.std(ddof=1) / runs**0.5
    data = tasks.make(task, 100)
    for seed in range(20):
        unseen = np.setdiff1d(np.arange(100), data.position[tasks.draw_points(data, 7, n_train, seed), 0])
        w1, w2 = conv.weights[0, seed], conv.weights[1:, seed]
        start = models.draw_weights(models.make("conv", 100, 1), 7, task, n_train, [seed], 0.1)[1:, 0]
        assert torch.equal(w2[unseen], start[unseen]) and w1 != 0


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
@pytest.mark.parametrize("lag", [-3, -2, -1, 1, 2, 3])
def test_conv_trained_on_a_sparse_set_guesses_elsewhere(lag, loss):
    """Proposition 6 for trained networks: outputs at a distance ``lag`` from the samples are equally often wrong.

    Each network has an equally likely partner whose outputs at this distance are opposite. In the partner, filter
    weights that are ``lag`` apart have the opposite relative sign. The signs of w2 keep the outputs at the samples.
    """
    d, k, size = 24, 4, abs(lag)
    samples = sparse_positions(d, k) - 1
    net = models.make("conv", d, k)
    start = models.draw_weights(net, 7, "cls", len(samples), [0], 0.1)
    sign = (-1.0) ** (np.arange(k) // size)
    other = np.ones(d)
    for sample in samples:
        for j in range(k):
            if 0 <= sample + lag - j < d:
                other[sample + lag - j] = -sign[j]  # f at that lag depends on these weights, which do not train
        other[sample - np.arange(k)] = sign
    both = torch.cat([start, start * torch.from_numpy(np.concatenate([sign, other]))[:, None]], dim=1)
    trained = train(
        "cls",
        "conv",
        loss,
        len(samples),
        [0, 0],
        d=d,
        k=k,
        max_steps=2000,
        points=np.stack([samples] * 2),
        weights=both,
    )
    w = torch.empty(d, 2, dtype=torch.float64)
    net.effective(trained.weights, w)()
    near = [sample + lag for sample in samples if 0 <= sample + lag < d]
    assert torch.equal(w[samples, 0], w[samples, 1]) and (w[samples] > 0).all()
    assert torch.equal(w[near, 0], -w[near, 1]) and (w[near] != 0).all()


def test_order_and_sign_of_samples_change_nothing(rng):
    """Results stay bit-identical if samples are reordered, or if (x, y) is replaced by (-x, -y)."""
    data = tasks.make("cls", 20)
    points = np.stack([tasks.draw_points(data, 7, 30, seed) for seed in range(10)])
    plain = train("cls", "conv", "hinge", 30, range(10))
    same(train("cls", "conv", "hinge", 30, range(10), points=rng.permuted(points, axis=1)), plain)
    same(train("cls", "conv", "hinge", 30, range(10), points=(points + 20) % 40), plain)


def test_permuted_positions_permute_one_layer_but_change_conv(rng):
    """Training of one layer ignores the order of positions; convolution does not."""
    data, order = tasks.make("cls", 20), rng.permutation(20)
    points = np.stack([tasks.draw_points(data, 7, 12, seed) for seed in range(10)])
    moved = order[points % 20] + 20 * (points // 20)
    start = models.draw_weights(models.make("one_layer", 20, 3), 7, "cls", 12, list(range(10)), 0.1)
    permuted = torch.empty_like(start)
    permuted[order] = start
    plain = train("cls", "one_layer", "hinge", 12, range(10), points=points, weights=start)
    other = train("cls", "one_layer", "hinge", 12, range(10), points=moved, weights=permuted)
    assert torch.equal(other.weights[order], plain.weights)
    assert torch.equal(other.errors.test_error, plain.errors.test_error)
    conv = train("cls", "conv", "hinge", 12, range(10), points=points)
    assert not torch.equal(
        train("cls", "conv", "hinge", 12, range(10), points=moved).errors.test_error, conv.errors.test_error
    )


def test_negated_labels_negate_one_layer():
    """Negated initial weights and negated labels give negated weights."""
    data = tasks.make("first_person", 20)
    points = np.stack([tasks.draw_points(data, 7, 12, seed) for seed in range(10)])
    start = models.draw_weights(models.make("one_layer", 20, 3), 7, "first_person", 12, list(range(10)), 0.1)
    plain = train("first_person", "one_layer", "hinge", 12, range(10), points=points, weights=start)
    samples = models.stack((data.rows[points] + 20) % 40)
    flipped = training.train(
        models.make("one_layer", 20, 3),
        losses.make("hinge"),
        -start,
        samples,
        torch.from_numpy((data.rows + 20) % 40),
        0.1,
        20000,
    )
    assert torch.equal(flipped.weights, -plain.weights)
    assert torch.equal(flipped.errors.test_error, plain.errors.test_error)


def test_xhinge_does_not_depend_on_the_initial_scale():
    """The updates are linear in the weights. A factor that is a power of two therefore scales w exactly."""
    small, large = (train("cls", "conv", "xhinge", 20, range(10), b=b, max_steps=1000) for b in (0.125, 1.0))
    assert torch.equal(8 * small.weights, large.weights)
    assert torch.equal(small.errors.test_error, large.errors.test_error)


def test_outputs_of_exactly_0_count_as_half_an_error():
    zero = torch.zeros(20, 2, dtype=torch.float64)
    trained = train("third_person", "one_layer", "hinge", 5, range(2), max_steps=1, weights=zero, lr=1e-300)
    assert trained.stopped == ["step_limit"] * 2
    task = tasks.make("third_person", 20)
    points = [tasks.draw_points(task, 7, 5, seed) for seed in range(2)]
    for run in range(2):
        x, y = reference.dense(task)
        w = (y[points[run], None] * x[points[run]]).sum(0) * 1e-300
        assert trained.errors.test_error[run] == pytest.approx(reference.error(w, x, y), abs=1e-12)
        assert trained.errors.train_error[run] < 0.5
    still = train("third_person", "one_layer", "xhinge", 5, range(2), max_steps=0, weights=zero)
    assert still.errors.test_error.tolist() == still.errors.train_error.tolist() == [0.5, 0.5]


def test_a_sample_with_margin_exactly_1_has_no_gradient():
    """Each step adds 1/4 to a weight. One weight starts at 0 and the other at -1. Both stop at exactly 1."""
    start = torch.zeros(20, 1, dtype=torch.float64)
    start[7] = -1
    trained = train("cls", "one_layer", "hinge", 2, [0], lr=0.5, points=np.array([[3, 7]]), weights=start)
    assert trained.weights[[3, 7], 0].tolist() == [1, 1] and trained.steps.tolist() == [8]
    again = train("cls", "one_layer", "hinge", 2, [0], points=np.array([[3, 7]]), weights=trained.weights)
    assert again.stopped == ["zero_loss"] and again.steps.tolist() == [0]


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_a_network_diverges_if_one_output_overflows(loss):
    start = models.draw_weights(models.make("conv", 20, 3), 7, "cls", 30, [0], 0.1)
    start[[0, 3 + 5]] = 1e200
    trained = train("cls", "conv", loss, 30, [0], weights=start, max_steps=50)
    assert trained.stopped == ["diverged"] and trained.errors.test_error.isnan().all()


def test_diverged_networks_are_marked_and_do_not_affect_others():
    good = train("cls", "conv", "hinge", 30, range(10))
    start = models.draw_weights(models.make("conv", 20, 3), 7, "cls", 30, list(range(10)), 0.1)
    start[:, 4] = 1e200
    mixed = train("cls", "conv", "hinge", 30, range(10), weights=start)
    assert mixed.stopped[4] == "diverged" and mixed.errors.test_error[4].isnan() and mixed.errors.train_loss[4].isnan()
    others = [run for run in range(10) if run != 4]
    same(pick(mixed, others), pick(good, others))


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_a_learning_rate_that_is_too_large_diverges(loss):
    whole = train("third_person", "conv", loss, 40, range(20), lr=1e4, max_steps=5000)
    assert "diverged" in whole.stopped
    same_runs = [run for run, stop in enumerate(whole.stopped) if stop == "diverged"]
    assert whole.errors.test_error[same_runs].isnan().all()
    again = train("third_person", "conv", loss, 40, same_runs[:1], lr=1e4, max_steps=5000)
    assert again.stopped == ["diverged"] and again.steps[0] == whole.steps[same_runs[0]]


def test_divergence_ends_training_and_is_the_same_in_any_batch(monkeypatch):
    """Margins can overflow before the weights do. A repeated period must then watch every sample."""
    data, net, seeds = tasks.make("third_person", 100), models.make("conv", 100, 5), list(range(80, 100))
    points = np.stack([tasks.draw_points(data, 2019, 200, seed) for seed in seeds])
    weights = models.draw_weights(net, 2019, "third_person", 200, seeds, 0.1)

    def diverge(runs):
        settings = {"d": 100, "k": 5, "lr": 25.0, "points": points[runs], "weights": weights[:, runs]}
        return train("third_person", "conv", "hinge", 200, runs, **settings)

    whole = diverge(list(range(20)))
    assert "diverged" in whole.stopped
    monkeypatch.setattr(until_satisfied, "FEW", 2**30)  # every sample is watched at every step
    every = diverge(list(range(20)))
    assert whole.stopped == every.stopped and torch.equal(whole.steps, every.steps)
    for run in (0, 7, 19):
        alone = diverge([run])
        assert alone.stopped == [whole.stopped[run]] and alone.steps[0] == whole.steps[run]


def test_training_does_not_change_its_initial_weights():
    weights = models.draw_weights(models.make("conv", 20, 3), 7, "cls", 30, list(range(4)), 0.1)
    before = weights.clone()
    for loss in LOSSES:
        train("cls", "conv", loss, 30, range(4), weights=weights, max_steps=50)
        assert torch.equal(weights, before)


@pytest.mark.parametrize("terms", [1, 2, 3, 16, 31, 100])
def test_bits_of_a_pairwise_sum_do_not_depend_on_the_batch(terms, rng):
    values = torch.from_numpy(rng.normal(size=(2, terms, 50)))
    total = pairwise_sum(values.clone())()
    torch.testing.assert_close(total, values.sum(1), rtol=1e-12, atol=1e-12)
    for run in (0, 49):
        assert torch.equal(pairwise_sum(values[:, :, run : run + 1].clone())(), total[:, run : run + 1])


@pytest.mark.parametrize("size", [1, 7, 64, 65, 40_000, 100_001])
def test_bits_of_elementwise_functions_do_not_depend_on_the_position(size):
    values = torch.linspace(-30, 30, 200_000, dtype=torch.float64)
    whole = elementwise(torch.sigmoid, values)
    torch.testing.assert_close(whole, 1 / (1 + (-values).exp()), rtol=1e-14, atol=0)
    for first in (0, 1, 999):
        some = slice(first, first + size)
        assert torch.equal(elementwise(torch.sigmoid, values[some]), whole[some])
    torch.set_num_threads(3)  # two threads would split the values at the end of a vector register
    try:
        assert torch.equal(elementwise(torch.sigmoid, values), whole)
    finally:
        torch.set_num_threads(1)
