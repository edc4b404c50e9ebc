"""The figures of lahoti2024: the needed samples and their slopes."""

import numpy as np
import pytest

from made_lahoti2024_figures import CENTRE, MULTIPLES, POWERS, SHOWN, ratios, tables
from printed import draw, indistinguishable, png


def slopes():
    return draw("lahoti2024-slopes", tables(np.random.default_rng(1)), SHOWN["lahoti2024-slopes"])


def test_the_needed_samples_are_those_with_an_error_of_one_fifth():
    """Errors are 0.5 exp(-log(5) n / needed). They are 0.2 at n = needed log(2.5) / log(5)."""
    frame, _ = slopes()
    assert len(frame) == 2 * 3 * 3
    for row in frame.itertuples():
        factor = (row.at / 8) ** POWERS[row.model] if row.over == "n_patterns" else row.at / 20
        assert row.mean == pytest.approx(CENTRE * factor * np.log(2.5) / np.log(5), rel=1e-6)
    assert set(frame.loc[(frame["over"] == "n_patterns") & (frame["at"] == 4), "left_out"]) == {40}


def test_the_legends_have_the_slopes_and_the_file_is_the_same_each_time():
    figure = slopes()[1]
    assert png(figure) == png(slopes()[1]) and indistinguishable(figure) == []
    left, right = ([text.get_text() for text in ax.get_legend().get_texts()] for ax in figure.axes)
    assert left == ["ConvPool, slope 0.5", "LCN, slope 1.0", "MLP, slope 2.0"]
    assert right == ["ConvPool, slope 1.0", "LCN, slope 1.0", "MLP, slope 1.0"]


def test_the_ratios_belong_to_their_noise_and_networks():
    """Networks with the first noise and k belong to both series."""
    frame, figure = draw("lahoti2024-ratios", ratios(np.random.default_rng(1)), SHOWN["lahoti2024-ratios"])
    assert len(frame) == 3 * 2 * 3
    for row in frame.itertuples():
        kind, noise = row.series.split(", ")
        expected = MULTIPLES[kind][row.other] * (2 if noise == "noise scaled" and row.n_patterns != 8 else 1)
        assert row.mean == pytest.approx(expected, rel=0.02 if kind == "maxima" else 0.05), row
    assert [len(ax.get_lines()) > 2 for ax in figure.axes] == [True, True] and indistinguishable(figure) == []
