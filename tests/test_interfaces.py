"""The interface of tasks and models: these tests also run on plugins that you add.

``make test-plugin NAME=own`` runs them on the plugin ``own``. A failed test names the file and the problem.
"""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

import plain
from convbias.detection import digits
from convbias.detection import models as detection_models
from convbias.detection import shard as detection_shard
from convbias.detection import tasks as detection_tasks
from convbias.detection.inputs import draw_inputs
from convbias.detection.models._network import Network
from convbias.detection.settings import Settings as DetectionSettings
from convbias.linear import losses, models, tasks, training
from convbias.linear.settings import Settings
from convbias.linear.shard import train_shard
from convbias.registry import names
from convbias_pipeline.jobs import plan

TRAINED = {"learning_rate": 0.1, "init_scale": 0.1, "steps": 10, "step_limit": 100_000, "record_every": 0}


def trained(task: str, model: str, seeds: list[int], loss: str = "hinge") -> dict:
    """Train linear classifiers on four samples each."""
    settings = Settings("own", task, model, loss, 8, 2, 4, 1, initialisations=1, **TRAINED)
    dataset = tasks.make(task, 8)
    points = np.stack([tasks.draw_points(dataset, 1, 4, seed) for seed in seeds])
    with redirect_stdout(io.StringIO()):
        return train_shard(settings, points, seeds)


# ---------------------------------------------------------------------------------------------- linear tasks


@pytest.mark.parametrize("name", names("linear.tasks"))
@pytest.mark.parametrize("d", [2, 8, 100])
def test_task(name, d):
    file = f"linear/tasks/{name}.py, make({d})"
    task, again = tasks.make(name, d), tasks.make(name, d)
    assert (task.name, task.d) == (name, d), f"{file}: the task has the name {task.name!r} and d = {task.d}"
    for column in ("position", "x", "y"):
        one, other = getattr(task, column), getattr(again, column)
        assert np.array_equal(one, other), f"{file}: a second call gives another {column}, but a task must not change"
    points = {
        (tuple(sorted(zip(p, x, strict=True)))) for p, x in zip(task.position.tolist(), task.x.tolist(), strict=True)
    }
    assert len(points) == len(task), f"{file}: {len(task) - len(points)} points are duplicates"
    assert set(task.y.tolist()) == {-1, 1}, f"{file}: the labels are {sorted(set(task.y.tolist()))}, not -1 and 1"


@pytest.mark.parametrize("name", names("linear.tasks"))
def test_task_is_linearly_separable(name):
    """Training with the hinge loss ends only if some w has y w'x >= 1 at every point."""
    task = tasks.make(name, 8)
    x = np.zeros((len(task), 8))
    np.put_along_axis(x, task.position, task.x, axis=1)
    solution = linprog(np.zeros(8), A_ub=-x * task.y[:, None], b_ub=-np.ones(len(task)), bounds=(None, None))
    assert solution.success, f"linear/tasks/{name}.py: no linear classifier separates the points at d = 8"
    stopped = trained(name, "one_layer", [0, 1])["stopped"]
    assert stopped == ["zero_loss"] * 2, (
        f"linear/tasks/{name}.py: training of one_layer ended with {stopped} on four samples"
    )


# ---------------------------------------------------------------------------------------------- linear models


def with_weights(name: str) -> tuple:
    """The loops of the model for d = 8 and k = 3, its layers, and random weights of a network."""
    layers, rng = models.load(name).layers(8, 3), np.random.default_rng(1)
    drawn = [np.pad(rng.normal(size=layer.size), (layer.zeros, 0)) for layer in layers]
    return models.load(name).make(3), layers, np.concatenate(drawn)


def effective(loops, weights: np.ndarray) -> np.ndarray:
    w = np.full(8, np.nan)
    loops.effective(loops.split(weights, 8), w)
    return w


def zeros_of(layers) -> np.ndarray:
    """Whether each stored number is one of the zeros before a layer."""
    return np.concatenate([np.arange(layer.zeros + layer.size) < layer.zeros for layer in layers])


@pytest.mark.parametrize("name", names("linear.models"))
def test_model_writes_its_effective_weights(name):
    file, (loops, _, weights) = f"linear/models/{name}.py", with_weights(name)
    before = weights.copy()
    w = effective(loops, weights)
    assert np.isfinite(w).all(), f"{file}: effective does not write all of the d effective weights"
    assert (weights == before).all(), f"{file}: effective changes the weights"
    power = 2.0 ** models.load(name).DEGREE
    assert np.allclose(effective(loops, 2 * weights), power * w), (
        f"{file}: DEGREE is not the degree of w in the weights"
    )


@pytest.mark.parametrize("name", names("linear.models"))
def test_step_of_a_model_is_gradient_descent(name):
    """The step is weights += rate * grad(w'pull) for the layers that learn. Central differences give the gradient."""
    file, (loops, layers, weights) = f"linear/models/{name}.py", with_weights(name)
    where, pull, h = np.array([0, 2, 5, 7]), np.zeros(16), 1e-5
    pull[where] = np.random.default_rng(2).normal(size=4)
    gradient, zeros = np.zeros_like(weights), zeros_of(layers)
    learns = np.repeat([layer.learns for layer in layers], [layer.zeros + layer.size for layer in layers])
    for at in np.flatnonzero(~zeros & learns):
        up, down = weights.copy(), weights.copy()
        up[at] += h
        down[at] -= h
        gradient[at] = (effective(loops, up) - effective(loops, down)) @ pull[:8] / (2 * h)
    moved = weights.copy()
    loops.step(loops.split(moved, 8), pull, where, 4, 0.3, np.full(len(weights), np.nan))
    gap = abs(moved - weights - 0.3 * gradient)
    of = np.repeat([layer.name for layer in layers], [layer.zeros + layer.size for layer in layers])
    wrong = sorted(set(of[(gap > 1e-6) & ~zeros]))
    assert not wrong, f"{file}: step does not follow the gradient of w'pull in {', '.join(wrong)}"
    assert not gap[zeros].any(), f"{file}: step changes the zeros before a layer"


@pytest.mark.parametrize("name", names("linear.losses"))
def test_loss_has_the_slope_that_it_states(name):
    file, loss, h = f"linear/losses/{name}.py", losses.load(name), 1e-6
    margin = np.linspace(-3, 3, 41) + 0.013
    slope = np.array([loss.slope(value) for value in margin.tolist()])
    expected = (loss.value(margin - h) - loss.value(margin + h)) / (2 * h)
    assert abs(slope - expected).max() < 1e-6, f"{file}: slope is not minus the derivative of value"
    assert (slope >= 0).all(), f"{file}: slope is negative at {margin[slope < 0].tolist()}"
    assert loss.SLOPE in ("vanishing", "constant", "positive"), f"{file}: SLOPE is {loss.SLOPE!r}"
    far = np.array([50.0, 1e6])
    ends = all(loss.slope(value) == 0 for value in far.tolist()) and (loss.value(far) == 0).all()
    assert ends == (loss.SLOPE == "vanishing"), f"{file}: SLOPE is {loss.SLOPE!r}, the loss at 50 {loss.value(far)[0]}"
    ended = np.maximum.accumulate(slope == 0)
    assert not slope[ended].any(), f"{file}: slope is 0 at a margin, but not at all larger ones"
    if loss.SLOPE == "constant":
        assert np.allclose(loss.value(margin), -slope[0] * margin), f"{file}: the loss is not a multiple of the margin"


@pytest.mark.parametrize(
    ("file", "model", "loss"),
    [
        *((f"models/{name}", name, "hinge") for name in names("linear.models")),
        *((f"losses/{name}", "one_layer", name) for name in names("linear.losses")),
    ],
)
def test_compiled_code_gives_the_same_bits_as_python(file, model, loss, monkeypatch):
    compiled = trained("cls", model, [0, 1, 2], loss)
    monkeypatch.setattr(training, "train_on_cores", plain.train_on_cores)
    python = trained("cls", model, [0, 1, 2], loss)
    for column in ("steps", "stopped", "train_loss", "test_error"):
        one, other = list(compiled[column]), list(python[column])
        assert one == other, f"linear/{file}.py: {column} is {one} with compiled code and {other} with Python"


@pytest.mark.parametrize("name", names("linear.models"))
def test_network_does_not_depend_on_the_others_in_its_batch(name):
    alone, in_batch = trained("cls", name, [2]), trained("cls", name, [0, 1, 2])
    for column in ("steps", "stopped", "train_loss", "test_error"):
        one, other = alone[column][0], in_batch[column][2]
        assert one == other, f"linear/models/{name}.py: {column} of a network is {one} alone and {other} in a batch"
    assert alone["stopped"] == ["zero_loss"], f"linear/models/{name}.py: training ended with {alone['stopped'][0]}"


# ---------------------------------------------------------------------------------------------- detection tasks


def images(task: str) -> digits.Digits | None:
    return digits.bundled() if plan.uses_images(task) else None


@pytest.mark.parametrize("name", names("detection.tasks"))
def test_detection_task(name):
    file = f"detection/tasks/{name}.py"
    one, again = (detection_tasks.make(name, 6, 3, np.random.default_rng(1), images(name)) for _ in range(2))
    assert np.array_equal(one.vectors, again.vectors), f"{file}: the same stream gives different patterns"
    assert one.vectors.ndim == 2 and np.isfinite(one.vectors).all(), (
        f"{file}: vectors is not a finite array with one row per pattern"
    )
    if not plan.uses_images(name):
        assert one.vectors.shape[1] == 6, f"{file}: d is 6, but patterns have length {one.vectors.shape[1]}"
    for test in (False, True):
        drawn, y = detection_tasks.draw(one, np.random.default_rng(2), 200, 4, test)
        roles = one.role[drawn]
        assert (np.abs(roles).sum(1) == 1).all(), f"{file}: an input does not have exactly one pattern with a role"
        assert (roles.sum(1) == y).all(), f"{file}: the role of an input's pattern differs from its label"
        assert np.isfinite(one.inputs(drawn)).all(), f"{file}: some inputs are not finite"


# ---------------------------------------------------------------------------------------------- detection models


@pytest.mark.parametrize("name", names("detection.models"))
def test_detection_model_has_the_attributes_that_training_needs(name):
    file, model = f"detection/models/{name}.py", detection_models.make(name, 4, 6, 50)
    ways = detection_models.load(name).TRAININGS
    unknown = set(ways) - set(names("detection.training"))
    assert ways and not unknown, f"{file}: TRAININGS has {sorted(unknown)}. Available: {names('detection.training')}"
    assert all(name in plan.trained_by(way) for way in ways), f"{file}: TRAININGS must be a literal"
    assert model.hidden >= 1 and model.n_parameters >= 1, f"{file}: hidden and n_parameters must be at least 1"
    if "adam" in ways:
        assert isinstance(model, Network), f"{file}: adam needs all properties and methods of Network"
        assert model.fan_in % 6 == 0, f"{file}: fan_in {model.fan_in} is not a multiple of the pattern length 6"
        assert model.n_parameters == model.hidden * (model.fan_in + 1), (
            f"{file}: n_parameters is not the size of W and a"
        )


ADAM = [name for name in names("detection.models") if name in plan.trained_by("adam")]


def sets_and_weights(model, runs: int) -> tuple[torch.Tensor, ...]:
    rng = np.random.default_rng(3)
    shapes = ((runs, 9, 4, 6), (runs, model.hidden, model.fan_in), (runs, model.hidden))
    x, W, a = (torch.from_numpy(rng.normal(size=shape)) for shape in shapes)
    return x, torch.from_numpy(rng.choice([-1.0, 1.0], (runs, 9))), W, a


def gradient(model, x, y, W, a):
    W_grad, a_grad = torch.full_like(W, torch.nan), torch.full_like(a, torch.nan)
    return *model.gradient(x, y, W, a, W_grad, a_grad)(), W_grad, a_grad


def loss_of_features(model, x, y, W, a) -> torch.Tensor:
    """The mean logistic loss of sum_i a_i h_i(x)."""
    return torch.nn.functional.softplus(-(model.features(x, W) * a[:, None]).sum(2) * y).mean(1)


@pytest.mark.parametrize("name", ADAM)
def test_gradient_of_a_detection_model_agrees_with_its_features(name):
    """Central differences of the loss of the features give the expected gradient."""
    file, model = f"detection/models/{name}.py", detection_models.make(name, 4, 6, 8)
    x, y, W, a = sets_and_weights(model, 2)
    loss, wrong, *gradients = gradient(model, x, y, W, a)
    f = (model.features(x, W) * a[:, None]).sum(2)
    assert torch.allclose(loss, loss_of_features(model, x, y, W, a)), f"{file}: gradient returns a wrong loss"
    assert torch.equal(wrong, ((f > 0) != (y > 0)).double().mean(1)), f"{file}: gradient returns a wrong error"
    for letter, layer, mine in zip("Wa", (W, a), gradients, strict=True):
        assert mine.isfinite().all(), f"{file}: gradient does not write all of {letter}_grad"
        for at in np.ndindex(layer.shape[1:]):
            place, before, losses = (slice(None), *at), layer[(slice(None), *at)].clone(), []
            for h in (1e-6, -1e-6):
                layer[place] = before + h
                losses.append(loss_of_features(model, x, y, W, a))
            layer[place] = before
            gap = (mine[place] - (losses[0] - losses[1]) / 2e-6).abs().max().item()
            assert gap < 1e-7, f"{file}: {letter}_grad{list(at)} is wrong by {gap:.2g}"


@pytest.mark.parametrize("name", ADAM)
def test_gradient_of_a_run_does_not_depend_on_other_runs(name):
    model = detection_models.make(name, 4, 6, 20)
    everything = sets_and_weights(model, 3)
    changed = [tensor.clone() for tensor in everything]
    for tensor in changed:
        tensor[1:] = tensor[1:].flip(1)
    for mine, theirs in zip(gradient(model, *everything), gradient(model, *changed), strict=True):
        assert torch.allclose(mine[0], theirs[0]), (
            f"detection/models/{name}.py: the gradient of a run depends on other runs"
        )


@pytest.mark.parametrize("name", names("detection.models"))
@pytest.mark.parametrize("task", names("detection.tasks"))
def test_detection_model_trains_on_every_task(name, task):
    for way in detection_models.load(name).TRAININGS:
        sizes = {"d": 6, "l": 3, "n_patterns": 2, "channels": 40, "n_train": 10, "n_test": 20, "root_seed": 1}
        steps = {"target_loss": 0.5, "step_limit": 2000, "first_layer_steps": 3, "second_layer_steps": 5}
        settings = DetectionSettings(
            "own", task, name, way, noise=0.1, noise_law="ball", learning_rate=0.01, init_scale=1.0, **sizes, **steps
        )
        columns = draw_inputs(task, 6, 3, 2, 10, 20, 1, [0, 1], images(task))
        inputs = {key: np.array(column) for key, column in columns.items()}
        with redirect_stdout(io.StringIO()):
            rows = detection_shard.train_shard(settings, inputs, [0, 1], images(task))
        finite = [np.isfinite(rows[column]).all() for column in ("train_loss", "train_error", "test_error")]
        assert all(finite), (
            f"detection/models/{name}.py, {way} on {task}: errors are not finite, stopped {rows['stopped']}"
        )
        assert way != "adam" or set(rows["stopped"]) == {"fitted"}, (
            f"detection/models/{name}.py on {task}: {rows['stopped']}"
        )
