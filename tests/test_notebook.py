"""Training from Python, and the tutorial. tests/test_package.py runs the code on its page docs/python.md."""

import json
import re

import matplotlib
import pandas as pd
import pytest

from convbias import notebook
from running import ROOT, changes, loaded


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


def test_the_tutorial_runs_and_its_text_has_the_numbers_that_it_prints():
    file = ROOT / "docs/tutorial.ipynb"
    cells = json.loads(file.read_text())["cells"]
    names = {}
    with matplotlib.rc_context({"backend": "agg"}):
        for cell in cells:
            if cell["cell_type"] == "code":
                assert not cell["outputs"]
                exec("".join(cell["source"]), names)
    text = " ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    answer = names["answer"].set_index("init_scale")
    said = re.findall(r"([\d.]+) with b = (\d[\d.]*\d|\d)", " ".join(text.split()))
    assert {float(b): float(error) for error, b in said} == {b: round(answer.loc[b, "mean"], 3) for b in (1, 0.001)}
    assert answer["left_out"].sum() == 0 and len(names["runs"]) + answer["networks"].sum() == 3600
    ordered = answer.sort_index()
    assert (ordered["high"].to_numpy()[:-1] < ordered["low"].to_numpy()[1:]).all()
    assert ordered["mean"].iloc[0] > names["uncovered_error"](d=100, k=5, n_train=20)
    assert all((file.parent / link).is_file() for link in re.findall(r"\]\(([\w.]+)\)", text))
