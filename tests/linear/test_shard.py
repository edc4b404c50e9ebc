"""Shards of linear experiments: from their settings to their rows."""

import numpy as np
import pytest

from convbias import catalogue, figures
from convbias.columns import build
from convbias.linear import tasks
from convbias.linear.settings import Settings
from convbias.linear.shard import train_shard
from convbias.linear.tables import RUNS, TRAJECTORIES
from convbias.tables import concatenate

SETTINGS = {
    "experiment": "own",
    "task": "third_person",
    "model": "conv",
    "loss": "hinge",
    "d": 20,
    "k": 3,
    "n_train": 40,
    "root_seed": 7,
    "learning_rate": 0.1,
    "init_scale": 0.1,
    "init_law": "uniform",
    "steps": 300,
    "step_limit": 20000,
    "initialisations": 1,
    "record_every": 0,
}


def rows(seeds, **changes):
    """The table of one shard."""
    settings = Settings(**{**SETTINGS, **changes})
    task = tasks.make(settings.task, settings.d)
    points = np.stack([tasks.draw_points(task, settings.root_seed, settings.n_train, seed) for seed in seeds])
    return build(RUNS, train_shard(settings, points, list(seeds)))


@pytest.mark.parametrize("block", [1, 7])
@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_blocks_of_1_7_and_100_seeds_give_the_same_rows(loss, block):
    blocks = [range(first, min(first + block, 100)) for first in range(0, 100, block)]
    shards = [rows(seeds, loss=loss) for seeds in blocks]
    assert concatenate("linear", shards) == concatenate("linear", [rows(range(100), loss=loss)])


def test_rows_contain_their_settings_and_seeds():
    table = rows([3, 5]).to_pylist()
    for row, seed in zip(table, (3, 5), strict=True):
        assert row["seed"] == row["init_seed"] == seed
        assert all(row[name] == value for name, value in SETTINGS.items() if name in row and name != "steps")


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.2},
        {"init_scale": 1.0},
        {"init_law": "normal"},
        {"k": 5},
        {"root_seed": 8},
        {"loss": "xhinge", "steps": 9},
    ],
)
def test_each_setting_reaches_the_training(change):
    plain, changed = (rows([3], **settings).to_pylist()[0] for settings in ({}, change))
    assert (plain["steps"], plain["test_error"]) != (changed["steps"], changed["test_error"])


def test_step_limit_is_for_hinge_and_steps_for_xhinge():
    assert rows([3], step_limit=5)["stopped"].to_pylist() == ["step_limit"]
    assert rows([3], loss="xhinge", steps=5, step_limit=1)["steps"].to_pylist() == [5]


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_recorded_errors_are_those_of_shorter_trainings(loss):
    settings = {"loss": loss, "steps": 500, "step_limit": 2000}
    plain, recorded = (rows(range(20), **settings, record_every=every) for every in (0, 10))
    assert concatenate("linear", [recorded]) == concatenate("linear", [plain])
    assert concatenate("trajectories", [plain]).num_rows == 0
    table = concatenate("trajectories", [recorded])
    assert table.schema == TRAJECTORIES and table["step"].to_pylist() == list(range(0, 501, 10)) * 20
    for step in (0, 30):  # a training of that many steps has the recorded errors
        limit = {"steps": step, "step_limit": step}
        short = rows(range(20), **{**settings, **limit}).to_pandas()
        recorded_then = table.to_pandas().query("step == @step").reset_index(drop=True)
        for name in ("seed", "init_seed", "train_loss", "train_error", "test_error"):
            assert (recorded_then[name] == short[name]).all(), name
    last = table.to_pandas().query("step == 500").reset_index(drop=True)
    done = plain.to_pandas()["steps"] <= 500
    assert done.all() if loss == "xhinge" else 0 < done.sum() < 20
    assert (last["test_error"] == plain.to_pandas()["test_error"])[done].all()


def test_recorded_errors_are_missing_after_a_network_diverges():
    table = concatenate("trajectories", [rows(range(10), learning_rate=300.0, steps=200, record_every=40)])
    errors = table.to_pandas().pivot(index="seed", columns="step", values="test_error")
    assert errors[0].notna().all() and errors[200].isna().any()
    assert (errors[80].isna() <= errors[120].isna()).all()


@pytest.mark.parametrize("model", ["one_layer", "conv"])
def test_each_initialisation_of_a_training_set_has_its_own_weights(model):
    table = rows([2, 3], model=model, initialisations=4).to_pandas()
    assert table["seed"].tolist() == [2] * 4 + [3] * 4 and table["init_seed"].tolist() == list(range(8, 16))
    assert table["test_error"].nunique() > 2
    single = rows([9], model=model).to_pandas()  # training set 9 and the initial weights of seed 9
    assert single["init_seed"].tolist() == [9] and single["test_error"][0] != table["test_error"][1]
    task = tasks.make(SETTINGS["task"], SETTINGS["d"])
    points = np.stack([tasks.draw_points(task, SETTINGS["root_seed"], SETTINGS["n_train"], 2)])
    swapped = train_shard(Settings(**{**SETTINGS, "model": model}), points, [9])
    assert swapped["test_error"][0] == table["test_error"][1]  # training set 2 and the initial weights of seed 9


def test_rows_and_figure_report_networks_that_diverge():
    shards = [rows(range(10), model=model, learning_rate=300.0) for model in ("one_layer", "conv")]
    frame = concatenate("linear", shards).to_pandas()
    diverged = frame["stopped"] == "diverged"
    assert 0 < diverged.sum() < len(frame)
    assert frame.loc[diverged, ["train_loss", "train_error", "test_error"]].isna().all(axis=None)
    data, plot = figures.load(catalogue.figures()["wu2019-fig2"])
    figure = plot(data({"linear": frame}, ["own"]))
    assert f"{diverged.sum()} more excluded (diverged or did not finish)" in figure.get_supxlabel()
