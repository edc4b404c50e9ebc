"""Training from Python, and the page that shows it."""

import re

import matplotlib
import pandas as pd
import pytest
from test_configuration import SMOKE

from convbias import notebook
from running import ROOT

PAGE = (ROOT / "docs/python.md").read_text()


def test_rows_are_those_of_the_pipeline(finished):
    table = pd.read_parquet(finished / "results/tables/linear.parquet").query("experiment == 'wu2019-fig2'")
    entry = SMOKE["experiments"]["wu2019-fig2"]
    settings = {name: entry[name] for name in ("d", "k", "learning_rate", "init_scale", "steps", "step_limit")}
    for task, sizes in entry["n_train"].items():
        mine = notebook.train(
            task, entry["models"], sizes, entry["seeds"], root_seed=SMOKE["root_seed"], loss=entry["losses"], **settings
        )
        keys = ["model", "loss", "n_train", "seed"]
        found, own = (
            rows.astype(dict.fromkeys(("task", "model", "loss", "stopped"), str)).sort_values(keys, ignore_index=True)
            for rows in (mine, table[table["task"] == task])
        )
        columns = [name for name in own if name not in ("experiment", "k")]
        assert len(found) and found[columns].to_dict("list") == own[columns].to_dict("list")


def test_a_mistake_names_what_there_is():
    with pytest.raises(ValueError, match="models: 'cnn' is unknown; there are: conv, one_layer"):
        notebook.train("cls", "cnn", 10)


def test_the_page_does_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    names: dict = {}
    exec(code, names)
    assert (tmp_path / "cls.png").stat().st_size > 10_000 and len(names["runs"]) == 4000
    (told,) = re.findall(r"```\n(model.*?)```", PAGE, re.DOTALL)
    printed = capsys.readouterr().out
    assert [line.split() for line in told.strip().splitlines()] == [line.split() for line in printed.splitlines()[:3]]
    for module in re.findall(r"^\| `(convbias[.a-z_]+)`", PAGE, re.MULTILINE):
        __import__(module)
