"""Training of linear networks: convergence, exact results, independence of batches and divergence."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import reference
from convbias.linear import cores, kernel, models, tasks, training
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


def train(
    task, model, loss, n_train, seeds, d=20, k=3, lr=0.1, b=0.1, max_steps=20000, points=None, weights=None, threads=1
):
    """Train the networks of these seeds."""
    seeds, data = list(seeds), tasks.make(task, d)
    if points is None:
        points = np.stack([tasks.draw_points(data, 7, n_train, seed) for seed in seeds])
    if weights is None:
        weights = initial(model, task, n_train, seeds, d, k, b)
    return training.train(data, model, loss, k, weights, points, lr, max_steps, threads=threads)


def initial(model, task, n_train, seeds, d=20, k=3, b=0.1):
    return models.draw_weights(model, d, k, 7, task, n_train, list(seeds), b)


def layers_of(model, d, k, weights):
    """The layers of one network, without the zeros before them."""
    layers, first = [], 0
    for layer in models.load(model).layers(d, k):
        layers.append(weights[first + layer.zeros : first + layer.zeros + layer.size])
        first += layer.zeros + layer.size
    return layers


def same(one, other):
    """Assert that two results are equal bit for bit."""
    for field in ("weights", "w", "steps"):
        assert getattr(one, field).tobytes() == getattr(other, field).tobytes(), field
    assert one.stopped == other.stopped
    for column, values in one.errors._asdict().items():
        assert values.tobytes() == getattr(other.errors, column).tobytes(), column


def pick(trained, runs):
    """Some networks, in that order."""
    errors = training.Errors(*(column[runs] for column in trained.errors))
    stopped = [trained.stopped[run] for run in runs]
    return training.Trained(trained.weights[runs], trained.w[runs], trained.steps[runs], stopped, errors, errors)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_batch_agrees_with_gradient_descent_on_single_networks(task, model, loss):
    seeds, n_train, d, k = range(6), 12, 10, 3
    data = tasks.make(task, d)
    x, y = reference.dense(data)
    start = initial(model, task, n_train, seeds, d, k, 0.5)
    limit = 5000 if loss == "hinge" else 200
    trained = train(task, model, loss, n_train, seeds, d=d, k=k, b=0.5, max_steps=limit)
    for seed in seeds:
        points = tasks.draw_points(data, 7, n_train, seed)
        layers = layers_of(model, d, k, start[seed])
        weights, steps = reference.train(model, loss, layers, x[points], y[points], 0.1, limit)
        assert trained.steps[seed] == steps
        for mine, expected in zip(layers_of(model, d, k, trained.weights[seed]), weights, strict=True):
            np.testing.assert_allclose(mine, expected.detach(), rtol=TOLERANCE[torch.float64], atol=1e-12)
        w = reference.effective(model, weights, d).detach().numpy()
        assert trained.errors.test_error[seed] == pytest.approx(reference.error(w, x, y), abs=1e-12)
        assert trained.errors.train_error[seed] == pytest.approx(reference.error(w, x[points], y[points]), abs=1e-12)
        margin = torch.from_numpy(y[points] * (x[points] @ w))
        done = trained.stopped[seed] == "zero_loss"
        value = 0.0 if done else float(reference.LOSSES[loss](margin).mean())
        assert trained.errors.train_loss[seed] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("d", "k"), [(20, 1), (20, 3), (20, 20), (100, 5)])
@pytest.mark.parametrize("task", TASKS)
def test_xhinge_weights_agree_with_their_closed_form(task, d, k):
    n_train, steps, seeds = 15, 1000, range(5)
    data = tasks.make(task, d)
    x, y = reference.dense(data)
    start = initial("conv", task, n_train, seeds, d, k)
    trained = train(task, "conv", "xhinge", n_train, seeds, d=d, k=k, max_steps=steps)
    assert set(trained.stopped) == {"all_steps"} and (trained.steps == steps).all()
    for seed in seeds:
        points = tasks.draw_points(data, 7, n_train, seed)
        mean = np.pad((y[points, None] * x[points]).mean(0), (0, k))
        matrix = np.array([[mean[i + j] for j in range(k)] for i in range(d)])
        expected = np.concatenate(xhinge_weights(matrix, *layers_of("conv", d, k, start[seed]), 0.1, steps))
        gap = abs(np.concatenate(layers_of("conv", d, k, trained.weights[seed])) - expected).max() / abs(expected).max()
        assert gap < TOLERANCE[torch.float64]


# A sum over positions separates Task-Cls only. With a frozen filter, training may take too long.
SEPARATED = [(task, model) for task in TASKS for model in MODELS if model not in ("frozen_conv", "sum_pool")]


@pytest.mark.parametrize("b", [0.01, 1.0])
@pytest.mark.parametrize(("task", "model"), [*SEPARATED, ("cls", "sum_pool")])
def test_hinge_stops_at_the_first_step_at_which_the_loss_is_0(task, model, b):
    trained = train(task, model, "hinge", 25, range(20), b=b)
    assert set(trained.stopped) == {"zero_loss"}
    assert (trained.errors.train_loss == 0).all() and (trained.errors.train_error == 0).all()
    for seed in range(3):
        steps = int(trained.steps[seed])
        early = train(task, model, "hinge", 25, [seed], b=b, max_steps=steps - 1)
        assert early.stopped == ["step_limit"] and early.errors.train_loss[0] > 0
        exact = train(task, model, "hinge", 25, [seed], b=b, max_steps=steps)
        assert exact.stopped == ["zero_loss"] and (exact.weights[0] == trained.weights[seed]).all()


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
    same(train(task, model, loss, 40, range(RUNS), threads=2, **settings), whole)


def test_batches_and_blocks_change_nothing(monkeypatch):
    whole = train("cls", "conv", "hinge", 20, range(30))
    monkeypatch.setattr(training, "BATCH", {"cpu": 8})
    same(train("cls", "conv", "hinge", 20, range(30)), whole)
    monkeypatch.setattr(cores, "BLOCK", 3)
    same(train("cls", "conv", "hinge", 20, range(30), threads=2), whole)
    monkeypatch.setattr(training, "MARGINS", 1)
    same(train("cls", "conv", "hinge", 20, range(30)), whole)


@pytest.fixture
def compile_with(monkeypatch):
    """Compile the loops with other constants of the module ``kernel``."""

    def change(**constants):
        for name, value in constants.items():
            monkeypatch.setattr(kernel, name, value)
        cores.compiled_loop.cache_clear()

    yield change
    monkeypatch.undo()
    cores.compiled_loop.cache_clear()


@pytest.mark.parametrize("model", ["one_layer", "conv"])
@pytest.mark.parametrize("task", ["first_person", "third_person"])
def test_looking_at_only_some_samples_changes_nothing(task, model, compile_with):
    compile_with(MANY=0)
    some = train(task, model, "hinge", 60, range(20))
    compile_with(MANY=0, SOON=0, LATE=0)  # the interval shrinks, so the choice is made often
    often = train(task, model, "hinge", 60, range(20))
    compile_with(MANY=10**9)
    every = train(task, model, "hinge", 60, range(20))
    same(some, every)
    same(often, every)


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_one_layer_error_agrees_with_the_exact_error_at_every_sample_size(task):
    """Simultaneous 95 % intervals at all sample sizes (Bonferroni), with the d of the paper."""
    sizes, runs = loaded({})["linear"]["wu2019-fig2"]["n_train"][task], 400
    assert len(sizes) == 12
    for n_train in sizes:
        error = train(task, "one_layer", "hinge", n_train, range(runs), d=100).errors.test_error
        half = 2.87 * error.std(ddof=1) / runs**0.5  # normal quantile at 1 - 0.025 / 12
        assert abs(error.mean() - one_layer_error(100, n_train)) < half, n_train


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_one_layer_error_does_not_depend_on_the_initial_scale(task):
    small, large = (train(task, "one_layer", "hinge", 30, range(50), b=b) for b in (0.01, 1.0))
    assert (small.errors.test_error == large.errors.test_error).all()
    assert (small.steps != large.steps).any()


@pytest.mark.parametrize("task", ["cls", "first_person"])
def test_conv_with_filter_size_1_has_the_error_of_one_layer(task):
    """With k = 1, the weight of an unseen position does not change. Only the common factor w1 does."""
    n_train, runs = 30, 400
    conv = train(task, "conv", "hinge", n_train, range(runs), d=100, k=1)
    assert set(conv.stopped) == {"zero_loss"}
    error = conv.errors.test_error
    assert abs(error.mean() - one_layer_error(100, n_train)) < 2.6 * error.std(ddof=1) / runs**0.5
    data = tasks.make(task, 100)
    for seed in range(20):
        unseen = np.setdiff1d(np.arange(100), data.position[tasks.draw_points(data, 7, n_train, seed), 0])
        w1, w2 = conv.weights[seed, 0], conv.weights[seed, 1:]
        start = initial("conv", task, n_train, [seed], 100, 1)[0, 1:]
        assert (w2[unseen] == start[unseen]).all() and w1 != 0


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
@pytest.mark.parametrize("lag", [-3, -2, -1, 1, 2, 3])
def test_conv_trained_on_a_sparse_set_guesses_elsewhere(lag, loss):
    """Proposition 6 for trained networks: outputs at a distance ``lag`` from the samples are equally often wrong.

    Each network has an equally likely partner whose outputs at this distance are opposite. In the partner, filter
    weights that are ``lag`` apart have the opposite relative sign. The signs of w2 keep the outputs at the samples.
    """
    d, k, size = 24, 4, abs(lag)
    samples = sparse_positions(d, k) - 1
    start = initial("conv", "cls", len(samples), [0], d, k)[0]
    sign = (-1.0) ** (np.arange(k) // size)
    other = np.ones(d)
    for sample in samples:
        for j in range(k):
            if 0 <= sample + lag - j < d:
                other[sample + lag - j] = -sign[j]  # f at that lag depends on these weights, which do not train
        other[sample - np.arange(k)] = sign
    both = np.stack([start, start * np.concatenate([sign, np.ones(k - 1), other])])
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
    w = trained.w
    near = [sample + lag for sample in samples if 0 <= sample + lag < d]
    assert (w[0, samples] == w[1, samples]).all() and (w[:, samples] > 0).all()
    assert (w[0, near] == -w[1, near]).all() and (w[:, near] != 0).all()


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
    start = initial("one_layer", "cls", 12, range(10))
    permuted = np.empty_like(start)
    permuted[:, order] = start
    plain = train("cls", "one_layer", "hinge", 12, range(10), points=points, weights=start)
    other = train("cls", "one_layer", "hinge", 12, range(10), points=moved, weights=permuted)
    assert (other.weights[:, order] == plain.weights).all()
    assert (other.errors.test_error == plain.errors.test_error).all()
    conv = train("cls", "conv", "hinge", 12, range(10), points=points)
    moved_conv = train("cls", "conv", "hinge", 12, range(10), points=moved)
    assert (moved_conv.errors.test_error != conv.errors.test_error).any()


def test_negated_labels_negate_one_layer():
    """Negated initial weights and negated labels give negated weights."""
    data = tasks.make("first_person", 20)
    points = np.stack([tasks.draw_points(data, 7, 12, seed) for seed in range(10)])
    start = initial("one_layer", "first_person", 12, range(10))
    plain = train("first_person", "one_layer", "hinge", 12, range(10), points=points, weights=start)
    negated = tasks.Task("negated", 20, data.position, data.x, -data.y)
    flipped = training.train(negated, "one_layer", "hinge", 3, -start, points, 0.1, 20000)
    assert (flipped.weights == -plain.weights).all()
    assert (flipped.errors.test_error == plain.errors.test_error).all()


def test_xhinge_does_not_depend_on_the_initial_scale():
    """The updates are linear in the weights. A factor that is a power of two therefore scales w exactly."""
    small, large = (train("cls", "conv", "xhinge", 20, range(10), b=b, max_steps=1000) for b in (0.125, 1.0))
    assert (8 * small.weights == large.weights).all()
    assert (small.errors.test_error == large.errors.test_error).all()


def test_outputs_of_exactly_0_count_as_half_an_error():
    zero = np.zeros((2, 20))
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
    start = np.zeros((1, 20))
    start[0, 7] = -1
    trained = train("cls", "one_layer", "hinge", 2, [0], lr=0.5, points=np.array([[3, 7]]), weights=start)
    assert trained.weights[0, [3, 7]].tolist() == [1, 1] and trained.steps.tolist() == [8]
    again = train("cls", "one_layer", "hinge", 2, [0], points=np.array([[3, 7]]), weights=trained.weights)
    assert again.stopped == ["zero_loss"] and again.steps.tolist() == [0]


@pytest.mark.parametrize("loss", ["hinge", "cross_entropy"])
def test_a_network_diverges_if_one_output_overflows(loss):
    start = initial("conv", "cls", 30, [0])
    start[0, [0, 3 + 2 + 5]] = 1e200
    trained = train("cls", "conv", loss, 30, [0], weights=start, max_steps=50)
    assert trained.stopped == ["diverged"] and np.isnan(trained.errors.test_error).all()


def test_diverged_networks_are_marked_and_do_not_affect_others():
    good, start = train("cls", "conv", "hinge", 30, range(10)), initial("conv", "cls", 30, range(10))
    start[4, [0, 1, 2, *range(5, 25)]] = 1e200
    mixed = train("cls", "conv", "hinge", 30, range(10), weights=start)
    assert mixed.stopped[4] == "diverged"
    assert np.isnan(mixed.errors.test_error[4]) and np.isnan(mixed.errors.train_loss[4])
    others = [run for run in range(10) if run != 4]
    same(pick(mixed, others), pick(good, others))


def test_a_learning_rate_that_is_too_large_diverges():
    whole = train("third_person", "conv", "hinge", 40, range(20), lr=1e4, max_steps=5000)
    assert "diverged" in whole.stopped
    runs = [run for run, stop in enumerate(whole.stopped) if stop == "diverged"]
    assert np.isnan(whole.errors.test_error[runs]).all()
    again = train("third_person", "conv", "hinge", 40, runs[:1], lr=1e4, max_steps=5000)
    assert again.stopped == ["diverged"] and again.steps[0] == whole.steps[runs[0]]


def test_divergence_is_the_same_if_only_some_samples_are_looked_at(compile_with):
    """Margins can overflow before the weights do."""
    data, seeds = tasks.make("third_person", 100), list(range(80, 100))
    points = np.stack([tasks.draw_points(data, 2019, 200, seed) for seed in seeds])
    weights = models.draw_weights("conv", 100, 5, 2019, "third_person", 200, seeds, 0.1)
    settings = {"d": 100, "k": 5, "lr": 25.0, "points": points, "weights": weights}
    some = train("third_person", "conv", "hinge", 200, seeds, **settings)
    assert "diverged" in some.stopped
    compile_with(MANY=10**9)
    every = train("third_person", "conv", "hinge", 200, seeds, **settings)
    assert some.stopped == every.stopped and (some.steps == every.steps).all()


def exact_signs(model, d, k, layers, pull, n_train, steps):
    """The signs of w under X-hinge at a learning rate of 1, with unlimited exponents: the steps of whole numbers."""
    own = [[int(value * 2**80) * 2**200 for value in layer] for layer in layers]
    pull = [int(value) for value in pull]
    for _ in range(steps):
        w1, w2 = own
        if model == "conv":
            up1 = [sum(w2[i] * pull[i + j] for i in range(d - j)) for j in range(k)]
            up2 = [sum(w1[j] * pull[i + j] for j in range(k) if i + j < d) for i in range(d)]
        else:
            up1 = [w2[h] * pull[i] for h in range(d) for i in range(d)]
            up2 = [sum(w1[h * d + i] * pull[i] for i in range(d)) for h in range(d)]
        own = [[a + b // n_train for a, b in zip(*pair, strict=True)] for pair in ((w1, up1), (w2, up2))]
    w1, w2 = own
    if model == "conv":
        w = [sum(w1[j] * w2[i - j] for j in range(min(k, i + 1))) for i in range(d)]
    else:
        w = [sum(w1[h * d + i] * w2[h] for h in range(d)) for i in range(d)]
    return np.array([(value > 0) - (value < 0) for value in w])


@pytest.mark.parametrize("model", ["conv", "two_layer"])
@pytest.mark.parametrize("n_train", [2, 4])
def test_xhinge_goes_on_beyond_the_range_of_floating_point_numbers(model, n_train):
    """At a learning rate of 1, the weights pass 2^1024. Far from all samples, they keep their initial values."""
    d, k, steps, seeds = 12, 2, 4000, range(3)
    data, start = tasks.make("cls", d), initial(model, "cls", n_train, seeds, d, k)
    trained = train("cls", model, "xhinge", n_train, seeds, d=d, k=k, lr=1.0, max_steps=steps)
    assert set(trained.stopped) == {"all_steps"} and (trained.errors.train_loss == -np.inf).all()
    for seed in seeds:
        points = tasks.draw_points(data, 7, n_train, seed)
        pull = np.bincount(data.position[points, 0], minlength=d)
        signs = exact_signs(model, d, k, layers_of(model, d, k, start[seed]), pull, n_train, steps)
        assert (np.sign(trained.w[seed]) == signs).all()
        assert trained.errors.test_error[seed] == ((signs < 0).sum() + 0.5 * (signs == 0).sum()) / d


def test_training_does_not_change_its_initial_weights():
    weights = initial("conv", "cls", 30, range(4))
    before = weights.copy()
    for loss in LOSSES:
        train("cls", "conv", loss, 30, range(4), weights=weights, max_steps=50)
        assert (weights == before).all()


def run_python(code, **variables):
    """Run a program in a process of its own, and return its output."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **variables}, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_on_a_cpu_does_not_load_torch():
    code = "import sys; from convbias import notebook; notebook.train('cls', 'conv', 5, seeds=2, d=10, k=2)"
    assert run_python(f"{code}; print('torch' in sys.modules)") == "False\n"


def test_the_simulated_gpu_gives_the_same_bits():
    code = """
import numba
import numpy as np
from convbias.linear import models, tasks, training
from convbias.registry import names
task = tasks.make("third_person", 6)
points = np.stack([tasks.draw_points(task, 1, 9, seed) for seed in range(3)])
for model in names("linear.models"):
    weights = models.draw_weights(model, 6, 2, 1, "third_person", 9, [0, 1, 2], 0.5)
    for loss in names("linear.losses"):
        one, other = (
            training.train(task, model, loss, 2, weights, points, 0.1, 60, [0, 20], device=device)
            for device in ("cpu", "cuda")
        )
        assert one.stopped == other.stopped and (one.weights == other.weights).all() and (one.w == other.w).all()
        for mine, theirs in zip((one.steps, *one.errors, *one.recorded), (other.steps, *other.errors, *other.recorded)):
            assert mine.tobytes() == theirs.tobytes(), (model, loss)
"""
    run_python(code, NUMBA_ENABLE_CUDASIM="1")
