import numpy as np
import pytest

from convbias import experiments, figures, tables, tasks

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
}


def rows(seeds, **settings):
    """The table of one shard."""
    shard = experiments.Shard(**{**SHARD, **settings})
    task = tasks.make(shard.task, shard.d)
    points = np.stack([tasks.draw_points(task, shard.root_seed, shard.n_train, seed) for seed in seeds])
    return tables.build(tables.LINEAR, experiments.train_shard(shard, points, list(seeds)))


@pytest.mark.parametrize("block", [1, 7])
@pytest.mark.parametrize("loss", ["hinge", "xhinge"])
def test_blocks_of_1_7_and_100_seeds_give_the_same_rows(loss, block):
    blocks = [range(first, min(first + block, 100)) for first in range(0, 100, block)]
    parts = [rows(seeds, loss=loss) for seeds in blocks]
    assert tables.stack(parts, tables.LINEAR) == tables.stack([rows(range(100), loss=loss)], tables.LINEAR)


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


def test_a_learning_rate_that_diverges_is_said_in_the_rows_and_on_the_figure():
    shards = [rows(range(10), model=model, learning_rate=300.0) for model in ("one_layer", "conv")]
    frame = tables.stack(shards, tables.LINEAR).to_pandas()
    lost = frame["stopped"] == "diverged"
    assert 0 < lost.sum() < len(frame)
    assert frame.loc[lost, ["train_loss", "train_error", "test_error"]].isna().all(axis=None)
    module = figures.load("wu2019-fig2")
    figure = module.plot(module.data({"linear": frame}, ["own"]))
    assert f"{lost.sum()} more diverged or did not finish and are LEFT OUT" in figure.get_supxlabel()
