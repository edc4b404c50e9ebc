"""The figures of kou2023: contours at known places, and slopes with known powers."""

import numpy as np
import pytest

from convbias.papers.kou2023.published import ERRORS
from made_kou2023_figures import POWERS, SHOWN, TABLES
from printed import draw


def drawn(name):
    return draw(name, TABLES[name](np.random.default_rng(1)), SHOWN[name])


def test_the_contours_are_where_the_error_passes_its_level():
    """The error is 0.1 + 0.4 2^-(mu / m), so it passes 0.3 at m and 0.2 at 2 m; m is 2 (d / 100)^(1/4)."""
    frame, _ = drawn("kou2023-heatmap")
    contours = frame[frame["kind"] == "contour"]
    assert len(contours) == 3 * 3
    for row in contours.itertuples():
        expected = -2 * (row.d / 100) ** 0.25 * np.log2((row.level - 0.1) / 0.4)
        assert row.signal == pytest.approx(expected, rel=0.01)


def test_our_means_stand_against_the_published_numbers():
    frame, figure = drawn("kou2023-heatmap")
    counts = frame["kind"].value_counts()
    assert counts["ours"] == counts["published"] == 100 * len(ERRORS)
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == [f"d = {d}" for d in ERRORS]


def test_the_whole_grid_alone_shows_our_means_at_the_published_dimensions():
    frame, _ = draw("kou2023-heatmap", TABLES["kou2023-heatmap"](np.random.default_rng(1)), ["rows"])
    assert set(frame.loc[frame["kind"] == "ours", "d"]) == set(ERRORS)


def test_the_legend_has_the_slopes():
    frame, figure = drawn("kou2023-exponents")
    assert frame["mean"].iloc[0] == pytest.approx(2, rel=0.001)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [f"{name}, slope {power:.2f}" for name, power in POWERS.items()]
