import numpy as np
import pytest

from convbias import figures
from convbias.columns import build
from convbias.linear import shard as experiments
from convbias.linear import tasks
from convbias.linear.tables import RUNS, TRAJECTORIES
from convbias.tables import concatenate

SHARD = {
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
    "steps": 300,
    "step_limit": 20000,
    "initialisations": 1,
    "record_every": 0,
}


def rows(seeds, **settings):
    """The table of one shard."""
    shard = experiments.Shard(**{**SHARD, **settings})
    task = tasks.make(shard.task, shard.d)
    points = np.stack([tasks.draw_points(task, shard.root_seed, shard.n_train, seed) for seed in seeds])
    return build(RUNS, experiments.train_shard(shard, points, list(seeds)))


@pytest.mark.parametrize("block", [1, 7])
@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_blocks_of_1_7_and_100_seeds_give_the_same_rows(loss, block):
    blocks = [range(first, min(first + block, 100)) for first in range(0, 100, block)]
    parts = [rows(seeds, loss=loss) for seeds in blocks]
    assert concatenate("linear", parts) == concatenate("linear", [rows(range(100), loss=loss)])


def test_rows_carry_their_settings_and_seeds():
    table = rows([3, 5]).to_pylist()
    for row, seed in zip(table, (3, 5), strict=True):
        assert row["seed"] == row["init_seed"] == seed
        assert all(row[name] == value for name, value in SHARD.items() if name in row and name != "steps")


@pytest.mark.parametrize(
    "change", [{"learning_rate": 0.2}, {"init_scale": 1.0}, {"k": 5}, {"root_seed": 8}, {"loss": "xhinge", "steps": 9}]
)
def test_each_setting_reaches_the_training(change):
    plain, changed = (rows([3], **settings).to_pylist()[0] for settings in ({}, change))
    assert (plain["steps"], plain["test_error"]) != (changed["steps"], changed["test_error"])


def test_step_limit_and_steps_hold_for_their_losses():
    assert rows([3], step_limit=5)["stopped"].to_pylist() == ["step_limit"]
    assert rows([3], loss="xhinge", steps=5, step_limit=1)["steps"].to_pylist() == [5]


@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_recording_changes_nothing_and_ends_where_training_ends(loss):
    settings = {"loss": loss, "steps": 500, "step_limit": 2000}
    plain, recorded = (rows(range(20), **settings, record_every=every) for every in (0, 10))
    assert concatenate("linear", [recorded]) == concatenate("linear", [plain])
    assert concatenate("trajectories", [plain]).num_rows == 0
    table = concatenate("trajectories", [recorded])
    assert table.schema == TRAJECTORIES and table["step"].to_pylist() == list(range(0, 501, 10)) * 20
    for step in (0, 30):  # a split run is the whole run
        limit = {"steps": step, "step_limit": step}
        short = rows(range(20), **{**settings, **limit}).to_pandas()
        there = table.to_pandas().query("step == @step").reset_index(drop=True)
        for name in ("seed", "init_seed", "train_loss", "train_error", "test_error"):
            assert (there[name] == short[name]).all(), name
    last = table.to_pandas().query("step == 500").reset_index(drop=True)
    done = plain.to_pandas()["steps"] <= 500
    assert done.all() if loss == "xhinge" else 0 < done.sum() < 20
    assert (last["test_error"] == plain.to_pandas()["test_error"])[done].all()


def test_recorded_networks_that_diverge_have_no_error_from_then_on():
    table = concatenate("trajectories", [rows(range(10), learning_rate=300.0, steps=200, record_every=40)])
    errors = table.to_pandas().pivot(index="seed", columns="step", values="test_error")
    assert errors[0].notna().all() and errors[200].isna().any()
    assert (errors[80].isna() <= errors[120].isna()).all()


@pytest.mark.parametrize("model", ["one_layer", "conv"])
def test_initialisations_of_a_training_set_have_weights_of_their_own(model):
    table = rows([2, 3], model=model, initialisations=4).to_pandas()
    assert table["seed"].tolist() == [2] * 4 + [3] * 4 and table["init_seed"].tolist() == list(range(8, 16))
    assert table["test_error"].nunique() > 2
    single = rows([9], model=model).to_pandas()  # the initial weights of seed 9 on another training set
    assert single["init_seed"].tolist() == [9] and single["test_error"][0] != table["test_error"][1]
    task = tasks.make(SHARD["task"], SHARD["d"])
    points = np.stack([tasks.draw_points(task, SHARD["root_seed"], SHARD["n_train"], 2)])
    swapped = experiments.train_shard(experiments.Shard(**{**SHARD, "model": model}), points, [9])
    assert swapped["test_error"][0] == table["test_error"][1]  # training set 2 from the initial weights of seed 9


def test_a_learning_rate_that_diverges_is_said_in_the_rows_and_on_the_figure():
    shards = [rows(range(10), model=model, learning_rate=300.0) for model in ("one_layer", "conv")]
    frame = concatenate("linear", shards).to_pandas()
    lost = frame["stopped"] == "diverged"
    assert 0 < lost.sum() < len(frame)
    assert frame.loc[lost, ["train_loss", "train_error", "test_error"]].isna().all(axis=None)
    module = figures.load("wu2019-fig2")
    figure = module.plot(module.data({"linear": frame}, ["own"]))
    assert f"{lost.sum()} more diverged or did not finish and are LEFT OUT" in figure.get_supxlabel()
