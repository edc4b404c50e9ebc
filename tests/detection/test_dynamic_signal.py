"""The task dynamic_signal: its patches and its noise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from convbias.detection import tasks
from small_detection import LIKELY, SETTINGS, input_columns, make_data

SIGNAL = replace(
    SETTINGS,
    root_seed=1,
    task="dynamic_signal",
    d=7,
    l=3,
    n_patterns=5,
    noise=0.25,
    noise_law="normal",
    n_train=400,
    n_test=100,
)


def test_one_patch_is_the_label_times_the_signal_and_all_patches_have_noise():
    inputs, data = input_columns(SIGNAL, [0, 1]), make_data(SIGNAL, [0, 1])
    signals = []
    for run, seed in enumerate((0, 1)):
        drawn = inputs["patterns"][(inputs["seed"] == seed) & ~inputs["test"]]
        place = (drawn < 2).argmax(1)
        assert ((drawn < 2).sum(1) == 1).all() and stats.chisquare(np.bincount(place)).pvalue > LIKELY
        carried = data.x[run, np.arange(400), place] * data.y[run, :, None]
        w = carried.mean(0)
        signals.append(w / np.linalg.norm(w))
        assert np.linalg.norm(w) == pytest.approx(1, abs=4 * 0.25 / 400**0.5)
        others = np.delete(data.x[run].reshape(2000, 7), np.arange(400) * 5 + place, axis=0)
        assert stats.kstest(others.ravel() / 0.25, "norm").pvalue > LIKELY
    assert abs(signals[0] @ signals[1]) < 0.99  # each seed has its own signal


def test_any_other_number_of_patterns_than_three_is_refused(rng):
    with pytest.raises(ValueError, match=r"^dynamic_signal: l must be 3 \(w, -w and 0\), not 4$"):
        tasks.make("dynamic_signal", 7, 4, rng, None)
