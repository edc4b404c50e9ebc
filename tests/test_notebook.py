"""Training from Python. tests/test_package.py runs the code on its page docs/python.md."""

import pandas as pd
import pytest

from convbias import notebook
from running import changes, loaded


def test_rows_are_equal_to_those_of_the_pipeline(finished):
    table = pd.read_parquet(finished / "results/tables/linear.parquet").query("experiment == 'wu2019-fig2'")
    config = loaded(changes())
    entry = config["linear"]["wu2019-fig2"]
    settings = {name: entry[name] for name in ("d", "k", "learning_rate", "init_scale", "steps", "step_limit")}
    for task in entry["tasks"]:
        rows = notebook.train(
            task,
            entry["models"],
            entry["n_train"][task],
            entry["seeds"],
            root_seed=config["root_seed"],
            loss=entry["losses"],
            **settings,
        )
        keys = ["model", "loss", "n_train", "seed"]
        from_python, from_pipeline = (
            frame.astype(dict.fromkeys(("task", "model", "loss", "stopped"), str)).sort_values(keys, ignore_index=True)
            for frame in (rows, table[table["task"] == task])
        )
        columns = [name for name in from_pipeline if name not in ("experiment", "k")]
        assert len(from_python) and from_python[columns].to_dict("list") == from_pipeline[columns].to_dict("list")


def test_error_for_an_unknown_model_lists_the_models():
    with pytest.raises(
        ValueError, match=r"^linear\.models: unknown plugin 'cnn'\. Available: conv, frozen_conv, one_layer"
    ):
        notebook.train("cls", "cnn", 10)
