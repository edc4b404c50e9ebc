"""Experiments with lists of settings, and the phase diagrams that show them."""

import copy
import io

import numpy as np
import pandas as pd
import pytest

from convbias import figures
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias_pipeline.jobs import plan
from convbias_pipeline.store.files import read_table
from running import preset

# ---------------------------------------------------------------------------------------------- lists of settings


def test_an_experiment_with_lists_stands_for_one_with_each_combination():
    entry = {"d": [10, 100], "k": 5, "init_scale": [0.01, 1, 2.5], "n_train": {"cls": [3, 4]}, "tasks": ["cls"]}
    members = plan.members("phase", entry)
    assert list(members) == [f"phase-d{d}-b{b}" for d in (10, 100) for b in ("0.01", "1", "2.5")]
    assert members["phase-d100-b0.01"] == {**entry, "d": 100, "init_scale": 0.01}
    assert plan.members("plain", {"k": 5}) == {"plain": {"k": 5}}


def test_members_take_the_place_of_their_experiment_wherever_it_is_named():
    config = {
        "experiments": {"one": {"k": [1, 2]}, "two": {"k": 3}},
        "patterns": {"three": {"noise": [0, 0.5], "n_patterns": [5]}},
        "figures": {"a": ["two", "one"], "b": ["theory", "three"]},
        "claims": {"c": {"experiments": ["one"]}, "e": {"experiments": ["two"], "sensitivity": {"k": ["one", "two"]}}},
    }
    plan.unfold(config)
    ones, threes = ["one-k1", "one-k2"], ["three-n5-noise0", "three-n5-noise0.5"]
    assert list(config["experiments"]) == [*ones, "two"] and list(config["patterns"]) == threes
    assert config["figures"] == {"a": ["two", *ones], "b": ["theory", *threes]}
    assert config["claims"]["c"] == {"experiments": ones}
    assert config["claims"]["e"] == {"experiments": ["two"], "sensitivity": {"k": [*ones, "two"]}}
    unfolded = copy.deepcopy(config)
    plan.unfold(config)
    assert config == unfolded


def test_every_member_is_trained():
    config = preset("tests/config.yaml")
    plan.unfold(config)
    jobs = [(job["experiment"], job["n_train"]) for job in plan.shards(config) if "phase" in job["experiment"]]
    assert jobs == [(f"wu2019-phase-k{k}", n) for k in (1, 3) for n in (3, 10)]


# ---------------------------------------------------------------------------------------------- the figures

SIZES = (5, 10, 20, 40)
SCALES = {"k": (1, 3, 5), "d": (20, 100), "init_scale": (0.01, 1)}


def rows(setting, task="cls", model="conv"):
    """Networks whose mean error at n samples is .4, .2, .1, .025, and one at each size that did not finish."""
    plain = {"d": 100, "k": 5, "init_scale": 0.1, "experiment": "own", "loss": "hinge", "task": task, "model": model}
    table = [
        {**plain, setting: value, "n_train": n, "stopped": stopped, "test_error": error}
        for value in SCALES[setting]
        for n, mean in zip(SIZES, (0.4, 0.2, 0.1, 0.025), strict=True)
        for stopped, error in (("zero_loss", mean / 2), ("zero_loss", 1.5 * mean), ("step_limit", 0.5))
    ]
    return pd.DataFrame(table)


@pytest.mark.parametrize("setting", SCALES)
@pytest.mark.parametrize("chunks", [1, 2, 7])
def test_cells_are_means_however_the_rows_come(setting, chunks):
    module = figures.load(f"wu2019-phase-{'b' if setting == 'init_scale' else setting}")
    table = pd.concat([rows(setting), rows(setting, "third_person"), rows(setting, "first_person", "one_layer")])
    other = table.assign(experiment="other", test_error=0.5), table.assign(loss="xhinge", test_error=0.5)
    mixed = pd.concat([table, *other]).sample(frac=1, random_state=1)
    parts = np.array_split(np.arange(len(mixed)), chunks)
    frame = module.data({"linear": (mixed.iloc[part] for part in parts)}, ["own"])
    cells = frame[frame["kind"] == "cell"]
    assert len(cells) == 3 * len(SCALES[setting]) * len(SIZES)
    assert (cells["networks"] == 2).all() and (cells["left_out"] == 1).all()
    means = dict(zip(SIZES, (0.4, 0.2, 0.1, 0.025), strict=True))
    assert cells["mean"].tolist() == pytest.approx(cells["n_train"].map(means).tolist())
    needed = frame[frame["kind"] == "needed"]
    assert needed["n_train"].tolist() == pytest.approx([30.0] * 3 * len(SCALES[setting]))  # half way by the logarithm
    theory = frame[frame["kind"] == "theory"].groupby(["task", "model"])
    assert set(theory.groups) == {("cls", "conv"), ("first_person", "one_layer")}
    for (_, model), found in theory:
        values = {"d": 100, "k": 5} | {setting: found[setting]}
        table = pd.DataFrame({name: values[name] for name in ("d", "k")}, index=found.index)
        expected = [samples_needed(int(d), 1 if model == "one_layer" else int(k), 0.05) for d, k in table.to_numpy()]
        assert found["n_train"].tolist() == pytest.approx(expected)


def drawn(figure):
    module = figures.load("wu2019-phase-k")
    content = io.BytesIO()
    module.plot(figure).savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def test_a_phase_diagram_says_what_was_left_out_and_is_the_same_each_time():
    module = figures.load("wu2019-phase-k")
    one_layer = rows("k", model="one_layer").query("k == 5")  # which has no k
    frame = module.data({"linear": [rows("k"), one_layer]}, ["own"])
    figure = module.plot(frame)
    assert "16 more diverged or did not finish and are LEFT OUT" in figure.get_supxlabel()
    conv, flat, *_ = figure.axes
    assert [label.get_text() for label in conv.get_yticklabels()] == ["1", "3", "5"]
    colours = flat.collections[0].get_array()
    assert colours.shape == (3, 4) and (colours[0] == colours[1]).all() and (colours[0] == colours[2]).all()
    assert drawn(frame) == drawn(frame)


def test_cells_where_nothing_came_to_an_end_are_empty():
    table = rows("k")
    table.loc[(table["k"] == 3) & (table["n_train"] == 10), "stopped"] = "diverged"
    module = figures.load("wu2019-phase-k")
    frame = module.data({"linear": [table]}, ["own"])
    empty = frame[(frame["kind"] == "cell") & frame["mean"].isna()]
    assert empty[["k", "n_train", "left_out"]].to_numpy().tolist() == [[3, 10, 3]]
    colours = module.plot(frame).axes[0].collections[0].get_array()
    assert np.ma.getmaskarray(colours).sum() == 1


def test_the_pipeline_draws_the_means_of_its_table(finished):
    table = read_table(str(finished / "results/tables/linear.parquet"))[0].to_pandas()
    table = table[table["experiment"].str.startswith("wu2019-phase-k")]
    frame = pd.read_csv(finished / "results/figures/wu2019-phase-k.csv").query("kind == 'cell'")
    assert sorted(set(frame["k"])) == [1, 3] and frame["networks"].sum() == len(table) == 24
    means = table.groupby(["k", "n_train"])["test_error"].mean()
    for _, cell in frame.iterrows():
        assert cell["mean"] == pytest.approx(means[cell["k"], cell["n_train"]])


def test_detectors_have_a_phase_diagram_of_their_patterns(finished):
    frame = pd.read_csv(finished / "results/figures/brutzkus2021-phase.csv")
    cells = frame[frame["kind"] == "cell"]
    assert set(cells["n_patterns"]) == {4, 8} and set(cells["model"]) == {"conv_pool", "mlp", "svm"}
    assert "theory" not in set(frame["kind"])
