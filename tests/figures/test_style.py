"""The colours, markers and names of models, the same in all figures."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from convbias.figures import style
from printed import written


def test_an_added_detection_model_has_its_own_colour_and_marker():
    looks = [style.look(name) for name in ("lcn", "svm", "mlp", "conv_pool")]
    for key, used in (("color", style.COLOUR), ("marker", style.MARKER)):
        assert len({look[key] for look in looks}) == 4 and looks[0][key] not in used.values()


@pytest.mark.parametrize("plugin_type", ["linear.models", "detection.models"])
def test_an_added_model_of_either_system_has_its_own_colour_and_marker(plugin_type, monkeypatch):
    names = style.names
    monkeypatch.setattr(style, "names", lambda asked: [*names(asked), *["own"] * (asked == plugin_type)])
    own, lcn = style.look("own"), style.look("lcn")
    assert own["color"] != lcn["color"] and own["marker"] != lcn["marker"]
    assert own["color"] not in style.COLOUR.values() and own["marker"] not in style.MARKER.values()


def test_models_have_the_names_of_the_papers_or_their_own():
    assert style.model("conv_pool") == "ConvPool" and style.model("mlp") == "MLP"
    assert style.model("lcn") == "LCN" and style.model("my_own") == "MY OWN"


def test_points_of_several_series_are_side_by_side_and_keep_their_numbers():
    figure = Figure(dpi=72)
    ax = figure.subplots()
    rows = pd.DataFrame({"n_train": [10, 100], "mean": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]})
    ax.set_xscale("log")
    for shift in style.shifts(3):
        style.draw(ax, rows, f"{shift}", "black", band=False, shift=shift, marker="o")
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_xdata().tolist() for line in lines] == [[10, 100]] * 3
    assert ax.get_ylim() == pytest.approx((0.08, 0.52))
    places = [line.get_transform().transform((10, 0.4)) for line in lines]
    assert np.diff(places, axis=0) == pytest.approx(np.array([[2, 0], [2, 0]]))
    for bars, place in zip(ax.collections, places, strict=True):
        assert bars.get_transform().transform((10, 0.4)) == pytest.approx(place)


@pytest.mark.parametrize("kind", ["line", "cloud", "cells", "band"])
def test_an_svg_with_very_many_points_stays_small(kind, rng):
    """Every point of an SVG is text. The other formats are drawn as ever, also after the SVG."""
    figure, points = Figure(dpi=50), np.sort(rng.random((2, 10_000)))
    ax = figure.subplots()
    if kind == "line":
        ax.plot(*points)
    elif kind == "cloud":
        ax.scatter(*points)
    elif kind == "cells":
        ax.pcolormesh(points.reshape(100, 200))
    else:
        ax.fill_between(np.arange(10_000), *points)
    before = written(figure, "png")
    first, second = (written(figure, "svg") for _ in range(2))
    assert len(first) < 60_000 and b"<image" in first and first == second
    assert written(figure, "png") == before
