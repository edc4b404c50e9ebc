"""Training from Python, and the code on its page docs/python.md."""

import re

import matplotlib
import pandas as pd
import pytest

from convbias import notebook
from running import ROOT, changes, loaded

PAGE = (ROOT / "docs/python.md").read_text()


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


def test_code_of_the_page_runs_and_prints_the_shown_output(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    names: dict = {}
    exec(code, names)
    assert (tmp_path / "cls.png").stat().st_size > 10_000 and len(names["runs"]) == 4000
    (shown,) = re.findall(r"```\n(model.*?)```", PAGE, re.DOTALL)
    printed = capsys.readouterr().out
    assert [line.split() for line in shown.strip().splitlines()] == [line.split() for line in printed.splitlines()[:3]]
    for module in re.findall(r"^\| `(convbias[.a-z_]+)`", PAGE, re.MULTILINE):
        __import__(module)
