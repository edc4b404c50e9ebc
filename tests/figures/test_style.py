"""The colours, markers and names of models, the same in all figures."""

import pytest

from convbias.figures import style


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
