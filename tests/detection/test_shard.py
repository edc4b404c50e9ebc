"""From the settings of pattern detectors to their rows."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_layerwise import LAYERWISE
from test_pattern_training import NOISY, SVM
from test_patterns import FEW, SHARD, drawn

from convbias.columns import build
from convbias.detection import models, training
from convbias.detection import shard as experiments
from convbias.detection.tables import PATTERNS
from convbias.registry import names

SHARDS = {
    "conv_pool": NOISY,
    "mlp": replace(NOISY, model="mlp"),
    "svm": SVM,
    "layerwise": LAYERWISE,
    "layerwise_limit": replace(LAYERWISE, training="layerwise_limit"),
}


def rows(shard, seeds, columns=None, images=None):
    """The table of a shard as a data frame, but for the time that it took."""
    columns = drawn(shard, seeds, images) if columns is None else columns
    return build(PATTERNS, experiments.train_shard(shard, columns, list(seeds), images)).to_pandas()


@pytest.mark.parametrize("name", SHARDS)
def test_any_blocks_of_seeds_give_the_same_rows(name):
    shard = SHARDS[name]
    whole = rows(shard, range(5))
    assert whole["seed"].tolist() == list(range(5))
    for blocks in ([[0], [1, 2], [3, 4]], [[0, 1, 2, 3], [4]]):
        for block in blocks:
            part = rows(shard, block, drawn(shard, block) if len(block) < 4 else drawn(shard, range(5)))
            assert part.equals(whole[whole["seed"].isin(block)].reset_index(drop=True))


@pytest.mark.parametrize("name", SHARDS)
def test_rows_carry_their_settings(name):
    shard = SHARDS[name]
    table = rows(shard, [3, 5]).to_dict("records")
    width = {"mlp": round(30 * 7 / 25), "svm": 1}.get(name, 30)
    parameters = {"mlp": width * 25, "svm": 24}.get(name, 30 * 7)
    for row, seed in zip(table, (3, 5), strict=True):
        assert row["seed"] == seed and row["width"] == width and row["n_parameters"] == parameters
        settings = {name: value for name, value in vars(shard).items() if name in row}
        assert settings.items() <= row.items() and len(settings) == 14
        assert row["images"] is None or row["images"] != row["images"]
        assert row["stopped"] in training.Stop.__args__


def test_rows_of_digits_name_them_and_have_their_length():
    for name in ("conv_pool", "svm"):
        shard = replace(SHARDS[name], task="digits", noise=0.0, d=1)
        table = rows(shard, [0], images=FEW)
        assert table[["images", "d"]].to_numpy().tolist() == [["few", 6]]
        assert table["n_parameters"].tolist() == [24 if name == "svm" else 30 * 7]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("conv_pool", {"learning_rate": 0.02, "init_scale": 2.0, "target_loss": 0.1, "step_limit": 3, "channels": 31}),
        ("mlp", {"noise": 0.5, "noise_law": "radius", "root_seed": 8, "n_train": 13, "n_test": 21, "d": 7}),
        ("layerwise", {"first_layer_steps": 4, "second_layer_steps": 31, "channels": 31, "n_patterns": 5}),
        ("layerwise_limit", {"first_layer_steps": 4}),
    ],
)
def test_each_setting_reaches_the_training(name, changes):
    outcome = ["steps", "train_loss", "test_error"]
    plain = rows(SHARDS[name], [3])[outcome].to_numpy().tolist()
    for setting, value in changes.items():
        assert rows(replace(SHARDS[name], **{setting: value}), [3])[outcome].to_numpy().tolist() != plain, setting


@pytest.mark.parametrize("model", names("detection.models"))
@pytest.mark.parametrize("name", names("detection.training"))
def test_a_model_that_cannot_be_trained_this_way_is_refused(name, model):
    shard = replace(SHARD, training=name, model=model, n_train=2, step_limit=1)
    ways = models.load(model).TRAININGS
    if name in ways:
        assert len(rows(shard, [0])) == 1
    else:
        with pytest.raises(ValueError, match=f"^{model} is trained by {', '.join(ways)}, not by {name}$"):
            rows(shard, [0])


def test_an_unknown_training_is_refused_with_those_there_are():
    there = "adam, layerwise, layerwise_limit, max_margin"
    with pytest.raises(ValueError, match=f"^patterns.training: 'sgd' is unknown; there are: {there}$"):
        rows(replace(SHARD, training="sgd"), [0])


@pytest.mark.parametrize(
    ("device", "blocks"), [("cpu", [[seed] for seed in range(2, 12)]), ("cuda", [[*range(2, 10)], [10, 11]])]
)
def test_runs_train_side_by_side_on_a_gpu_alone(device, blocks, monkeypatch):
    calls = []

    def fake(shard, model, data, seeds, device, report):
        calls.append((seeds, device, data.x.shape))
        return training.Outcome(seeds, ["all_steps"] * len(seeds), *[[0.0] * len(seeds)] * 3)

    monkeypatch.setattr(training, "load", lambda name: SimpleNamespace(train=fake))
    shard, seeds = replace(SHARD, model="mlp"), list(range(2, 12))
    columns = experiments.train_shard(shard, drawn(shard, seeds), seeds, None, device)
    assert calls == [(block, device, (len(block), 12, 4, 6)) for block in blocks]
    assert columns["steps"] == columns["seed"] == seeds


def test_max_pooling_needs_far_fewer_samples():
    """The trial of the paper: n = 10 patterns of length d = 20, k = 500, here for 50 samples without noise."""
    shard = replace(SHARD, d=20, l=20, n_patterns=10, channels=500, n_train=50, n_test=1000, learning_rate=0.001)
    shard = replace(shard, target_loss=0.01, step_limit=10_000)
    error = {
        name: rows(replace(shard, model=name, training="max_margin" if name == "svm" else "adam"), [0, 1])
        for name in ("conv_pool", "mlp", "svm")
    }
    assert all((table["train_error"] == 0).all() for table in error.values())
    assert error["conv_pool"]["test_error"].max() < 0.02
    assert min(error[name]["test_error"].min() for name in ("mlp", "svm")) > 0.15
