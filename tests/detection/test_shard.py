"""Shards of detection experiments: from their settings to their rows."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from convbias.columns import build
from convbias.detection import models, training
from convbias.detection.shard import train_shard
from convbias.detection.tables import DETECTION
from convbias.registry import names
from small_detection import FEW_IMAGES, LAYERWISE, NOISY, SETTINGS, SVM, input_columns

CASES = {
    "conv_pool": NOISY,
    "mlp": replace(NOISY, model="mlp"),
    "svm": SVM,
    "layerwise": LAYERWISE,
    "layerwise_limit": replace(LAYERWISE, training="layerwise_limit"),
}


def rows(settings, seeds, columns=None, images=None):
    """The table of a shard as a data frame."""
    columns = input_columns(settings, seeds, images) if columns is None else columns
    return build(DETECTION, train_shard(settings, columns, list(seeds), images)).to_pandas()


@pytest.mark.parametrize("name", CASES)
def test_rows_do_not_depend_on_the_blocks_of_seeds(name):
    settings = CASES[name]
    whole = rows(settings, range(5))
    assert whole["seed"].tolist() == list(range(5))
    for blocks in ([[0], [1, 2], [3, 4]], [[0, 1, 2, 3], [4]]):
        for block in blocks:
            columns = input_columns(settings, block if len(block) < 4 else range(5))  # may hold more seeds
            assert rows(settings, block, columns).equals(whole[whole["seed"].isin(block)].reset_index(drop=True))


@pytest.mark.parametrize("name", CASES)
def test_rows_contain_their_settings(name):
    settings = CASES[name]
    table = rows(settings, [3, 5]).to_dict("records")
    width = {"mlp": round(30 * 7 / 25), "svm": 1}.get(name, 30)
    parameters = {"mlp": width * 25, "svm": 24}.get(name, 30 * 7)
    for row, seed in zip(table, (3, 5), strict=True):
        assert row["seed"] == seed and row["width"] == width and row["n_parameters"] == parameters
        expected = {name: value for name, value in vars(settings).items() if name in row}
        assert expected.items() <= row.items() and len(expected) == 15
        assert row["images"] is None or row["images"] != row["images"]  # null
        assert row["stopped"] in training.Stop.__args__


def test_rows_of_digits_contain_the_name_and_length_of_the_images():
    for name in ("conv_pool", "svm"):
        settings = replace(CASES[name], task="digits", noise=0.0, d=1)
        table = rows(settings, [0], images=FEW_IMAGES)
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
    plain = rows(CASES[name], [3])[outcome].to_numpy().tolist()
    for setting, value in changes.items():
        assert rows(replace(CASES[name], **{setting: value}), [3])[outcome].to_numpy().tolist() != plain, setting


@pytest.mark.parametrize("model", names("detection.models"))
@pytest.mark.parametrize("name", names("detection.training"))
def test_a_training_that_does_not_fit_the_model_is_refused(name, model):
    settings = replace(SETTINGS, training=name, model=model, n_train=2, step_limit=1)
    ways = models.load(model).TRAININGS
    if name in ways:
        assert len(rows(settings, [0])) == 1
    else:
        message = f"model {model} needs one of the trainings {', '.join(ways)}, not {name}"
        with pytest.raises(ValueError, match=f"^{message}$"):
            rows(settings, [0])


def test_error_for_an_unknown_training_lists_the_trainings():
    available = ", ".join(names("detection.training"))
    with pytest.raises(ValueError, match=f"^detection.training: unknown plugin 'newton'. Available: {available}$"):
        rows(replace(SETTINGS, training="newton"), [0])


@pytest.mark.parametrize(
    ("device", "blocks"), [("cpu", [[seed] for seed in range(2, 12)]), ("cuda", [[*range(2, 10)], [10, 11]])]
)
def test_runs_train_together_only_on_a_gpu(device, blocks, monkeypatch):
    calls = []

    def fake(settings, model, data, seeds, device, report):
        calls.append((seeds, device, data.x.shape))
        return training.Outcome(seeds, ["all_steps"] * len(seeds), *[[0.0] * len(seeds)] * 3)

    monkeypatch.setattr(training, "load", lambda name: SimpleNamespace(train=fake))
    settings, seeds = replace(SETTINGS, model="mlp"), list(range(2, 12))
    columns = train_shard(settings, input_columns(settings, seeds), seeds, None, device)
    assert calls == [(block, device, (len(block), 12, 4, 6)) for block in blocks]
    assert columns["steps"] == columns["seed"] == seeds


def test_max_pooling_needs_far_fewer_samples_than_mlp_and_svm():
    """The experiment of the paper: n = 10, d = 20 and k = 500, here with 50 samples and without noise."""
    settings = replace(SETTINGS, d=20, l=20, n_patterns=10, channels=500, n_train=50, n_test=1000, learning_rate=0.001)
    settings = replace(settings, target_loss=0.01, step_limit=10_000)
    error = {
        name: rows(replace(settings, model=name, training="max_margin" if name == "svm" else "adam"), [0, 1])
        for name in ("conv_pool", "mlp", "svm")
    }
    assert all((table["train_error"] == 0).all() for table in error.values())
    assert error["conv_pool"]["test_error"].max() < 0.02
    assert min(error[name]["test_error"].min() for name in ("mlp", "svm")) > 0.15
