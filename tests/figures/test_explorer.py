"""The data of the explorer: which networks it shows. tests/pipeline/report/test_explorer.py opens the page."""

import numpy as np
import pandas as pd
import pytest

from convbias.figures import explorer
from convbias.statistics.summary import summarise
from made_wu2019 import limits, linear


@pytest.fixture
def runs(rng):
    """Networks of one experiment, some of them with the same training sets as another one."""
    columns = {"init_law": "uniform", "loss": "hinge"}
    large = linear("large", rng, "cls", "conv", {5: 0.4, 30: 0.2}, seeds=40, **columns)
    small = large[large["seed"] < 10].assign(experiment="small")
    other = linear("other", rng, "cls", "conv", {5: 0.1}, seeds=20, **columns, learning_rate=1.0)
    return pd.concat([small, large, other], ignore_index=True)


def shown(section, series):
    return {point["n_train"]: point for point in section["points"] if point.get("series") == series}


def test_points_come_from_the_largest_experiment_with_the_usual_settings(runs):
    """The table may come in any groups of rows."""
    expected = summarise(runs[runs["experiment"] == "large"], ["n_train"]).set_index("n_train")
    for groups in ([runs], [runs.iloc[rows] for rows in np.array_split(np.arange(len(runs)), 7)]):
        section = explorer.linear_section(groups, [])
        points = shown(section, "Model-Conv-k, trained")
        assert section["usual"] == ["hinge loss, learning rate = 0.1, init_law = uniform"] and [*points] == [5, 30]
        for n_train, point in points.items():
            row = expected.loc[n_train]
            assert point["networks"] == 40
            for name in ("mean", "low", "high"):
                assert point[name] == pytest.approx(row[name], 1e-4)


def test_one_network_counts_for_each_training_set_and_unfinished_ones_do_not(runs):
    again = runs.assign(init_seed=1, test_error=0.9)
    unfinished = linear("large", np.random.default_rng(0), "cls", "conv", {100: 0.9}, stopped="step_limit")
    xhinge = runs.assign(experiment="xhinge", loss="xhinge", init_scale=3.0)
    more = pd.concat([runs, again, unfinished.assign(init_law="uniform"), xhinge])
    assert explorer.linear_section([more], [])["points"] == explorer.linear_section([runs], [])["points"]


def test_estimates_of_the_limit_are_points_at_any_scale_of_the_initial_weights(runs, rng):
    estimates = limits("large", rng, "cls", {5: 0.3, 30: 0.1})
    points = shown(explorer.linear_section([runs], [estimates]), explorer.ESTIMATE)
    assert [*points] == [5, 30] and all(point["k"] == 5 and "init_scale" not in point for point in points.values())


def test_a_run_without_networks_has_a_page_that_says_so():
    page = explorer.page({"linear": [], "asymptotics": [], "detection": []}, {})
    assert "This run trained no networks that the page could show." in page
    assert page.count("</script") == 2 and len(page) < 3e6
