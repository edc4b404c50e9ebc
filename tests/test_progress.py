"""Progress reports of training: their text, and the reports of every training."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from convbias import progress
from convbias.detection import training as detection_training
from convbias.linear import models, tasks, training
from convbias.progress import Progress, after
from small_detection import SETTINGS, make_data, make_model


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, as a list of one number that a test can change."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


def test_a_line_shows_steps_finished_networks_and_remaining_time(clock, capsys):
    report = Progress(1000)
    for seconds, step, finished in ((4, 10, 0), (10, 1000, 0), (15, 2000, 0), (20, 5000, 250), (60, 9000, 600)):
        clock[0] = 100.0 + seconds
        report(step, 20000, finished, 1000 - finished)
    assert capsys.readouterr().out.splitlines() == [
        "step 1,000 of at most 20,000, 0 of 1,000 networks finished (0%), about 3.2 min left",  # 1/20 in 10 s
        "step 5,000 of at most 20,000, 250 of 1,000 networks finished (25%), about 26 s left",  # 7/16 in 20 s
        "step 9,000 of at most 20,000, 600 of 1,000 networks finished (60%), about 17 s left",  # 39/50 in 60 s
    ]


def test_remaining_time_is_unknown_before_the_first_step(clock, capsys):
    report = Progress(3)
    clock[0] += 10
    report(0, 50, 0, 3)
    assert capsys.readouterr().out == "step 0 of at most 50, 0 of 3 networks finished (0%), time left unknown\n"


def test_a_training_without_steps_shows_no_steps(clock, capsys):
    report = Progress(4)
    clock[0] += 3600
    report(0, 0, 1, 0)
    assert capsys.readouterr().out == "1 of 4 networks finished (25%), about 3.0 h left\n"


def test_reports_of_a_later_stage_include_earlier_stages():
    reports = []
    after(lambda *report: reports.append(report), 300, 7)(20, 100, 1, 2)
    assert reports == [(320, 400, 8, 2)]


@pytest.mark.parametrize(
    ("model", "trainer", "rising"),
    [
        ("conv_pool", "adam", True),
        ("conv_pool", "layerwise", False),
        ("conv_pool", "layerwise_limit", False),
        ("svm", "max_margin", False),
    ],
)
def test_every_detection_training_reports_its_progress(model, trainer, rising):
    settings = replace(SETTINGS, model=model, training=trainer, first_layer_steps=3, second_layer_steps=5)
    data, reports = make_data(settings, range(4)), []
    outcome = detection_training.load(trainer).train(
        settings, make_model(settings), data, [*range(4)], "cpu", lambda *report: reports.append(report)
    )
    steps, limits, finished, going = zip(*reports, strict=True)
    assert all(a <= b for a, b in pairwise(finished)) and all(
        step <= limit for step, limit in zip(steps, limits, strict=True)
    )
    if rising:
        assert [*steps] == [*range(max(outcome.steps))] and finished[-1] + going[-1] == 4
    else:
        assert finished == (1, 2, 3, 4) and set(going) == {0} and {*steps} == {*outcome.steps}


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_linear_training_reports_its_progress_over_batches(loss, monkeypatch):
    monkeypatch.setattr(training, "BATCH", {"cpu": 30})
    reports, runs, data = [], 100, tasks.make("cls", 20)
    points = np.stack([tasks.draw_points(data, 7, 10, seed) for seed in range(runs)])
    weights = models.draw_weights("conv", 20, 3, 7, "cls", 10, [*range(runs)], 0.1)
    training.train(data, "conv", loss, 3, weights, points, 0.1, 4000, report=lambda *report: reports.append(report))
    assert reports == [(0, 4000, finished, 0) for finished in (30, 60, 90, 100)]
