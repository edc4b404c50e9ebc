"""The API reference: pages of the core's docstrings."""

import importlib
import pkgutil

import pdoc
import pytest
from pdoc.doc import Function, Module, Variable

import convbias


def public():
    """The core's modules that the reference has pages of."""
    found = pkgutil.walk_packages(convbias.__path__, "convbias.")
    return ["convbias", *(name for _, name, _ in found if not any(part.startswith("_") for part in name.split(".")))]


@pytest.mark.parametrize("name", public())
def test_everything_that_is_public_says_what_it_is(name):
    module = Module(importlib.import_module(name))
    assert module.docstring
    wanted = [member for member in module.own_members if not isinstance(member, Variable)]
    wanted += [method for one in wanted for method in getattr(one, "own_members", []) if isinstance(method, Function)]
    shown = [one for one in wanted if not one.name.startswith("_")]
    assert [one.qualname for one in shown if not one.docstring] == []


def test_the_reference_has_a_page_for_each_module(tmp_path):
    pdoc.render.configure(docformat="google")
    pdoc.pdoc("convbias", "!.*[.]_", output_directory=tmp_path)
    pages = {str(page.relative_to(tmp_path).with_suffix("")).replace("/", ".") for page in tmp_path.rglob("*.html")}
    assert {*public()} == pages - {"index"}
    page = (tmp_path / "convbias/notebook.html").read_text()
    assert "learning_rate" in page and "ValueError" in page and "<table>" in (tmp_path / "convbias.html").read_text()
