from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from test_patterns import SHARD, inputs

from convbias import progress
from convbias.linear import losses, models, tasks, training
from convbias.progress import Progress, after


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


def test_a_line_says_the_steps_the_share_of_networks_and_the_time_left(clock, capsys):
    report = Progress(1000)
    for seconds, step, finished in ((4, 10, 0), (10, 1000, 0), (15, 2000, 0), (20, 5000, 250), (60, 9000, 600)):
        clock[0] = 100.0 + seconds
        report(step, 20000, finished, 1000 - finished)
    assert capsys.readouterr().out.splitlines() == [
        "step 1,000 of at most 20,000, 0 of 1,000 networks finished (0%), about 3.2 min left",  # 1/20 in 10 s
        "step 5,000 of at most 20,000, 250 of 1,000 networks finished (25%), about 26 s left",  # 7/16 in 20 s
        "step 9,000 of at most 20,000, 600 of 1,000 networks finished (60%), about 17 s left",  # 39/50 in 60 s
    ]


def test_before_anything_is_done_the_time_left_is_unknown(clock, capsys):
    report = Progress(3)
    clock[0] += 10
    report(0, 50, 0, 3)
    assert capsys.readouterr().out == "step 0 of at most 50, 0 of 3 networks finished (0%), time left unknown\n"


def test_a_way_to_train_without_steps_says_none(clock, capsys):
    report = Progress(4)
    clock[0] += 3600
    report(0, 0, 1, 0)
    assert capsys.readouterr().out == "1 of 4 networks finished (25%), about 3.0 h left\n"


def test_a_part_counts_what_was_done_before_it():
    told = []
    after(lambda *told_now: told.append(told_now), 300, 7)(20, 100, 1, 2)
    assert told == [(320, 400, 8, 2)]


@pytest.mark.parametrize(
    ("model", "trainer", "rising"),
    [
        ("conv_pool", "adam", True),
        ("conv_pool", "layerwise", False),
        ("conv_pool", "layerwise_limit", False),
        ("svm", "max_margin", False),
    ],
)
def test_every_way_to_train_detectors_tells_how_far_it_is(model, trainer, rising):
    shard = replace(SHARD, model=model, training=trainer, first_layer_steps=3, second_layer_steps=5)
    detector = detection.models.make(model, shard.n_patterns, shard.d, shard.channels)
    told = []
    outcome = detection.training.load(trainer).train(
        shard, detector, inputs(shard, range(4)), [*range(4)], "cpu", lambda *now: told.append(now)
    )
    steps, limits, finished, going = zip(*told, strict=True)
    assert all(a <= b for a, b in pairwise(finished)) and all(
        step <= limit for step, limit in zip(steps, limits, strict=True)
    )
    if rising:
        assert [*steps] == [*range(max(outcome.steps))] and finished[-1] + going[-1] == 4
    else:
        assert finished == (1, 2, 3, 4) and set(going) == {0} and {*steps} == {*outcome.steps}


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_linear_networks_tell_how_far_they_are_over_batches(loss, monkeypatch):
    monkeypatch.setattr(training, "BATCH_RUNS", 30)
    told, runs, limit = [], 100, 4000
    data, net = tasks.make("cls", 20), models.make("conv", 20, 3)
    points = np.stack([tasks.draw_points(data, 7, 10, seed) for seed in range(runs)])
    trained = training.train(
        net,
        losses.make(loss),
        models.draw_weights(net, 7, "cls", 10, [*range(runs)], 0.1),
        models.stack(data.rows[points]),
        torch.from_numpy(data.rows),
        0.1,
        limit,
        report=lambda *now: told.append(now),
    )
    steps, limits, finished, going = zip(*told, strict=True)
    assert {*limits} == {limit} and max(steps) <= max(trained.steps.tolist())
    assert (
        all(a <= b for a, b in pairwise(finished)) and max(a + b for a, b in zip(finished, going, strict=True)) == runs
    )
