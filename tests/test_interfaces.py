"""What every task and model must do, whoever wrote it: ``make contract NAME=own`` asks the file own.py alone.

Each test says what the file promises and what it does instead. Those of this package are asked, too.
"""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from convbias.detection import digits
from convbias.detection import models as detector_models
from convbias.detection import shard as detectors
from convbias.detection import tasks as detector_tasks
from convbias.detection.inputs import draw_inputs
from convbias.detection.models._network import Network
from convbias.detection.settings import Shard
from convbias.linear import models, tasks
from convbias.linear import shard as experiments
from convbias.registry import names
from convbias_pipeline.jobs import plan

TRAINED = {"learning_rate": 0.1, "init_scale": 0.1, "steps": 10, "step_limit": 100_000, "record_every": 0}


def trained(task: str, model: str, seeds: list[int]) -> dict:
    """Linear classifiers trained by hinge on four samples each."""
    shard = experiments.Shard("own", task, model, "hinge", 8, 2, 4, 1, initialisations=1, **TRAINED)
    drawn = tasks.make(task, 8)
    with redirect_stdout(io.StringIO()):
        return experiments.train_shard(shard, np.stack([tasks.draw_points(drawn, 1, 4, seed) for seed in seeds]), seeds)


# ---------------------------------------------------------------------------------------------- tasks of wu2019's kind


@pytest.mark.parametrize("name", names("tasks"))
@pytest.mark.parametrize("d", [2, 8, 100])
def test_task(name, d):
    file = f"tasks/{name}.py, make({d})"
    task, again = tasks.make(name, d), tasks.make(name, d)
    assert (task.name, task.d) == (name, d), f"{file}: the task says name {task.name!r}, d {task.d}"
    for part in ("position", "x", "y"):
        one, other = getattr(task, part), getattr(again, part)
        assert np.array_equal(one, other), f"{file}: a second call gives another {part}; a task is the same each time"
    points = {
        (tuple(sorted(zip(p, x, strict=True)))) for p, x in zip(task.position.tolist(), task.x.tolist(), strict=True)
    }
    assert len(points) == len(task), f"{file}: {len(task) - len(points)} points stand there twice"
    assert set(task.y.tolist()) == {-1, 1}, f"{file}: the labels are {sorted(set(task.y.tolist()))}, not -1 and 1"


@pytest.mark.parametrize("name", names("tasks"))
def test_task_can_be_learned_by_a_linear_classifier(name):
    """Training by hinge ends where the loss is 0, and so never unless some w has y w'x >= 1 at every point."""
    task = tasks.make(name, 8)
    x = np.zeros((len(task), 8))
    np.put_along_axis(x, task.position, task.x, axis=1)
    found = linprog(np.zeros(8), A_ub=-x * task.y[:, None], b_ub=-np.ones(len(task)), bounds=(None, None))
    assert found.success, f"tasks/{name}.py: no linear classifier separates the points at d = 8"
    stopped = trained(name, "one_layer", [0, 1])["stopped"]
    assert stopped == ["zero_loss"] * 2, f"tasks/{name}.py: one_layer ended with {stopped} on four samples"


# ---------------------------------------------------------------------------------------------- models of wu2019's kind


def started(name: str) -> tuple:
    model = models.make(name, 8, 3)
    rows = sum(layer.size for layer in model.layers)
    return model, torch.from_numpy(np.random.default_rng(1).normal(size=(rows, 5)))


def effective(model, weights: torch.Tensor) -> torch.Tensor:
    w = torch.full((model.d, weights.shape[1]), torch.nan, dtype=torch.float64)
    model.effective(weights, w)()
    return w


@pytest.mark.parametrize("name", names("models"))
def test_model_says_what_training_asks(name):
    model, weights = started(name)
    file = f"models/{name}.py"
    assert isinstance(model, models.LinearModel), f"{file}: it lacks one of the properties and methods of LinearModel"
    assert model.d == 8, f"{file}: make(8, 3) gives d = {model.d}"
    assert model.padding >= 1 and model.working_rows >= 0, f"{file}: padding from 1, working_rows from 0"
    w = effective(model, weights)
    assert w.isfinite().all(), f"{file}: effective leaves some of the d effective weights unwritten"


@pytest.mark.parametrize("name", names("models"))
def test_step_of_a_model_is_gradient_descent(name):
    """weights += rate * grad(w'data), with the gradient by central differences."""
    model, weights = started(name)
    data = torch.zeros(8 + model.padding, 5, dtype=torch.float64)
    data[:8] = torch.from_numpy(np.random.default_rng(2).normal(size=(8, 5)))
    gradient, h = torch.zeros_like(weights), 1e-5
    for row in range(len(weights)):
        up, down = weights.clone(), weights.clone()
        up[row] += h
        down[row] -= h
        gradient[row] = ((effective(model, up) - effective(model, down)) * data[:8]).sum(0) / (2 * h)
    moved = weights.clone()
    model.step(moved, data, 0.3)()
    gap = (moved - weights - 0.3 * gradient).abs().max(1).values
    layers = [layer.name for layer in model.layers for _ in range(layer.size)]
    wrong = sorted({layer for layer, far in zip(layers, (gap > 1e-6).tolist(), strict=True) if far})
    assert not wrong, f"models/{name}.py: step does not follow the gradient of w'data in {', '.join(wrong)}"


@pytest.mark.parametrize("name", names("models"))
def test_model_is_trained_alike_alone_and_beside_others(name):
    alone, beside = trained("cls", name, [2]), trained("cls", name, [0, 1, 2])
    for column in ("steps", "stopped", "train_loss", "test_error"):
        one, other = alone[column][0], beside[column][2]
        assert one == other, f"models/{name}.py: {column} of a network is {one} alone and {other} beside others"
    assert alone["stopped"] == ["zero_loss"], f"models/{name}.py: ended with {alone['stopped'][0]} on four samples"


# ---------------------------------------------------------------------------------------------- detection tasks


def images(task: str) -> digits.Digits | None:
    return digits.bundled() if plan.uses_images(task) else None


@pytest.mark.parametrize("name", names("detection.tasks"))
def test_detection_task(name):
    file = f"patterns/tasks/{name}.py"
    one, again = (detector_tasks.make(name, 6, 3, np.random.default_rng(1), images(name)) for _ in range(2))
    assert np.array_equal(one.vectors, again.vectors), f"{file}: the same stream gives other patterns"
    assert one.vectors.ndim == 2 and np.isfinite(one.vectors).all(), f"{file}: vectors are not one row for each pattern"
    if not plan.uses_images(name):
        assert one.vectors.shape[1] == 6, f"{file}: with d = 6 patterns have length {one.vectors.shape[1]}"
    for test in (False, True):
        drawn, y = detector_tasks.draw(one, np.random.default_rng(2), 200, 4, test)
        roles = one.role[drawn]
        assert (np.abs(roles).sum(1) == 1).all(), f"{file}: an input has more or less than one pattern that counts"
        assert (roles.sum(1) == y).all(), f"{file}: an input's pattern has another role than its label"
        assert np.isfinite(one.inputs(drawn)).all(), f"{file}: some inputs are not finite"


# ---------------------------------------------------------------------------------------------- detectors


@pytest.mark.parametrize("name", names("detection.models"))
def test_detector_says_what_training_asks(name):
    file, model = f"patterns/models/{name}.py", detector_models.make(name, 4, 6, 50)
    ways = detector_models.load(name).TRAININGS
    unknown = set(ways) - set(names("detection.training"))
    assert ways and not unknown, f"{file}: TRAININGS names {sorted(unknown)}; there are {names('detection.training')}"
    assert all(name in plan.trained_by(way) for way in ways), f"{file}: TRAININGS is not a literal"
    assert model.hidden >= 1 and model.n_parameters >= 1, f"{file}: hidden and n_parameters are from 1"
    if "adam" in ways:
        assert isinstance(model, Network), f"{file}: adam trains it, and it lacks a property or method of Network"
        assert model.fan_in % 6 == 0, f"{file}: fan_in {model.fan_in} is no multiple of the pattern length 6"
        assert model.n_parameters == model.hidden * (model.fan_in + 1), f"{file}: n_parameters is not that of W and a"


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
def test_gradient_of_a_detector_is_that_of_its_features(name):
    """By central differences."""
    file, model = f"patterns/models/{name}.py", detector_models.make(name, 4, 6, 8)
    x, y, W, a = sets_and_weights(model, 2)
    loss, wrong, *found = gradient(model, x, y, W, a)
    f = (model.features(x, W) * a[:, None]).sum(2)
    assert torch.allclose(loss, loss_of_features(model, x, y, W, a)), f"{file}: gradient returns another loss"
    assert torch.equal(wrong, ((f > 0) != (y > 0)).double().mean(1)), f"{file}: gradient returns another error"
    for letter, part, mine in zip("Wa", (W, a), found, strict=True):
        assert mine.isfinite().all(), f"{file}: gradient leaves some of {letter}_grad unwritten"
        for at in np.ndindex(part.shape[1:]):
            place, kept, losses = (slice(None), *at), part[(slice(None), *at)].clone(), []
            for h in (1e-6, -1e-6):
                part[place] = kept + h
                losses.append(loss_of_features(model, x, y, W, a))
            part[place] = kept
            gap = (mine[place] - (losses[0] - losses[1]) / 2e-6).abs().max().item()
            assert gap < 1e-7, f"{file}: {letter}_grad{list(at)} is {gap:.2g} from the gradient of the loss of features"


@pytest.mark.parametrize("name", ADAM)
def test_gradient_of_a_detector_mixes_no_runs(name):
    model = detector_models.make(name, 4, 6, 20)
    everything = sets_and_weights(model, 3)
    changed = [part.clone() for part in everything]
    for part in changed:
        part[1:] = part[1:].flip(1)
    for mine, theirs in zip(gradient(model, *everything), gradient(model, *changed), strict=True):
        assert torch.allclose(mine[0], theirs[0]), (
            f"patterns/models/{name}.py: one run's gradient depends on the others"
        )


@pytest.mark.parametrize("name", names("detection.models"))
@pytest.mark.parametrize("task", names("detection.tasks"))
def test_detector_is_trained_on_every_task(name, task):
    for way in detector_models.load(name).TRAININGS:
        sizes = {"d": 6, "l": 3, "n_patterns": 2, "channels": 40, "n_train": 10, "n_test": 20, "root_seed": 1}
        steps = {"target_loss": 0.5, "step_limit": 2000, "first_layer_steps": 3, "second_layer_steps": 5}
        shard = Shard(
            "own", task, name, way, noise=0.1, noise_law="ball", learning_rate=0.01, init_scale=1.0, **sizes, **steps
        )
        columns = draw_inputs(task, 6, 3, 2, 10, 20, 1, [0, 1], images(task))
        inputs = {key: np.array(column) for key, column in columns.items()}
        with redirect_stdout(io.StringIO()):
            rows = detectors.train_shard(shard, inputs, [0, 1], images(task))
        there = [np.isfinite(rows[column]).all() for column in ("train_loss", "train_error", "test_error")]
        assert all(there), f"patterns/models/{name}.py, {way} on {task}: stopped {rows['stopped']}, and not finite"
        assert way != "adam" or set(rows["stopped"]) == {"fitted"}, (
            f"patterns/models/{name}.py on {task}: {rows['stopped']}"
        )
