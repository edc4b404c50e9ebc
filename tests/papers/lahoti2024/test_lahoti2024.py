"""The follow-up: the Dynamic Signal Distribution, and what its figure shows."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_patterns import LIKELY, SHARD

from convbias import figures
from convbias.detection import shard as experiments
from convbias.detection import tasks
from convbias.detection.inputs import draw_inputs
from made_brutzkus2021 import falling
from printed import alike

SHARD = replace(
    SHARD, task="dynamic_signal", d=7, l=3, n_patterns=5, noise=0.25, noise_law="normal", n_train=400, n_test=100
)


def test_one_patch_carries_the_label_times_a_signal_and_all_have_noise():
    columns = draw_inputs("dynamic_signal", 7, 3, 5, 400, 100, 1, [0, 1], None)
    inputs = {name: np.array(column) for name, column in columns.items()}
    data = experiments.inputs_of(SHARD, inputs, [0, 1], None)
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
    assert abs(signals[0] @ signals[1]) < 0.99  # each seed has its own


def test_it_has_three_patterns(rng):
    with pytest.raises(ValueError, match=r"^dynamic_signal: l must be 3 \(w, -w and 0\), not 4$"):
        tasks.make("dynamic_signal", 7, 4, rng, None)


POWERS = {"conv_pool": 0.5, "lcn": 1, "mlp": 2}  # of k; of d, all grow like d


@pytest.fixture(scope="module")
def frame():
    rng, tables = np.random.default_rng(1), []
    for k, d, experiment in ((8, 20, "own"), (4, 20, "k"), (16, 20, "k"), (8, 10, "d"), (8, 40, "d"), (4, 10, "both")):
        for model, power in POWERS.items():
            needed = 40 * (k / 8) ** power * d / 20
            sizes = needed * np.array([0.2, 0.5, 1, 2])
            made = falling(rng, model, needed, sizes, spread=0, task="dynamic_signal", n_patterns=k, d=d)
            tables.append(made.assign(experiment=experiment, stopped="fitted"))
    table = pd.concat(tables)
    unfinished = table[table["n_patterns"] == 4].assign(stopped="step_limit", test_error=0.5)
    shown = {"patterns": pd.concat([table, unfinished])}
    return figures.load("lahoti2024-slopes").data(shown, ["own", "k", "d", "both"])


def test_the_samples_needed_are_where_the_error_is_a_fifth(frame):
    """Errors fall as .5 exp(-log(5) n / needed): they are .2 at needed times log(2.5) / log(5)."""
    assert len(frame) == 2 * 3 * 3
    for row in frame.itertuples():
        growth = (row.at / 8) ** POWERS[row.model] if row.over == "n_patterns" else row.at / 20
        assert row.mean == pytest.approx(40 * growth * np.log(2.5) / np.log(5), rel=1e-6)
    assert set(frame.loc[(frame["over"] == "n_patterns") & (frame["at"] == 4), "left_out"]) == {40}


def test_slopes_stand_beside_the_names_and_files_are_the_same_each_time(frame):
    module, files = figures.load("lahoti2024-slopes"), []
    for _ in range(2):
        drawn = module.plot(frame)
        drawn.savefig(file := io.BytesIO(), format="png", metadata={"Software": None})
        files.append(file.getvalue())
    assert files[0] == files[1] and alike(drawn) == []
    left, right = ([text.get_text() for text in ax.get_legend().get_texts()] for ax in drawn.axes)
    assert left == ["ConvPool, slope 0.5", "LCN, slope 1.0", "MLP, slope 2.0"]
    assert right == ["ConvPool, slope 1.0", "LCN, slope 1.0", "MLP, slope 1.0"]
