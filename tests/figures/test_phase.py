"""The engine of phase diagrams: cells, crossings, and their drawing."""

import numpy as np
import pandas as pd
import pytest

from convbias.figures import phase
from made_wu2019_figures import MEANS, SIZES, VALUES, phase_rows
from printed import png


@pytest.mark.parametrize("setting", VALUES)
@pytest.mark.parametrize("groups", [1, 2, 7])
def test_cells_are_means_for_any_split_of_the_rows(setting, groups):
    table = pd.concat([phase_rows(setting), phase_rows(setting, "third_person", "one_layer")])
    shuffled = table.sample(frac=1, random_state=1)
    parts = np.array_split(np.arange(len(shuffled)), groups)
    predicted = {"cls": 12.0, "third_person": np.inf}
    frame = phase.cells_and_crossings(
        (shuffled.iloc[part] for part in parts), setting, ["d", "k"], lambda cell: predicted[cell["task"]]
    )
    cells = frame[frame["kind"] == "cell"]
    assert len(cells) == 2 * len(VALUES[setting]) * len(SIZES) and {"d", "k"} <= {*cells}
    assert (cells["networks"] == 2).all() and (cells["left_out"] == 1).all()
    assert cells["mean"].tolist() == pytest.approx(cells["n_train"].map(MEANS).tolist())
    needed = frame[frame["kind"] == "needed"]
    assert needed["n_train"].tolist() == pytest.approx([30.0] * 2 * len(VALUES[setting]))  # half way in the logarithm
    theory = frame[frame["kind"] == "theory"]
    assert set(theory["task"]) == {"cls"} and theory["n_train"].tolist() == [12.0] * len(VALUES[setting])


def test_the_note_counts_the_networks_left_out_and_the_file_is_the_same_each_time():
    one_layer = phase_rows("k", model="one_layer").query("k == 5")  # which does not depend on k
    frame = phase.cells_and_crossings([phase_rows("k"), one_layer], "k", [])
    figure = phase.plot(frame, "k")
    assert "16 more excluded (diverged or did not finish)" in figure.get_supxlabel()
    conv, flat, *_ = figure.axes
    assert [label.get_text() for label in conv.get_yticklabels()] == ["1", "3", "5"]
    colours = flat.collections[0].get_array()
    assert colours.shape == (1, 4) and not len(flat.get_yticks()) and flat.get_title() == "Model-1-Layer"
    figure.draw_without_rendering()
    assert flat.get_position().height < 0.5 * conv.get_position().height
    assert png(phase.plot(frame, "k")) == png(phase.plot(frame, "k"))


def test_cells_in_which_no_network_finished_are_empty():
    table = phase_rows("k")
    table.loc[(table["k"] == 3) & (table["n_train"] == 10), "stopped"] = "diverged"
    frame = phase.cells_and_crossings([table], "k", [])
    empty = frame[(frame["kind"] == "cell") & frame["mean"].isna()]
    assert empty[["k", "n_train", "left_out"]].to_numpy().tolist() == [[3, 10, 3]]
    colours = phase.plot(frame, "k").axes[0].collections[0].get_array()
    assert np.ma.getmaskarray(colours).sum() == 1
