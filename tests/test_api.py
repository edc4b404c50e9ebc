"""The API reference: every public object of the core has a docstring and a page."""

import importlib
import pkgutil

import pdoc
import pytest
from pdoc.doc import Function, Module, Variable

import convbias


def public():
    """The public modules of the core."""
    modules = pkgutil.walk_packages(convbias.__path__, "convbias.")
    return ["convbias", *(name for _, name, _ in modules if not any(part.startswith("_") for part in name.split(".")))]


@pytest.mark.parametrize("name", public())
def test_every_public_object_has_a_docstring(name):
    module = Module(importlib.import_module(name))
    assert module.docstring
    members = [member for member in module.own_members if not isinstance(member, Variable)]
    members += [method for one in members for method in getattr(one, "own_members", []) if isinstance(method, Function)]
    public_members = [one for one in members if not one.name.startswith("_")]
    assert [one.qualname for one in public_members if not one.docstring] == []


def test_the_reference_has_a_page_for_each_module(tmp_path):
    pdoc.render.configure(docformat="google")
    pdoc.pdoc("convbias", "!.*[.]_", output_directory=tmp_path)
    pages = {str(page.relative_to(tmp_path).with_suffix("")).replace("/", ".") for page in tmp_path.rglob("*.html")}
    assert {*public()} == pages - {"index"}
    page = (tmp_path / "convbias/notebook.html").read_text()
    assert "learning_rate" in page and "ValueError" in page
    for system in ("linear", "detection"):
        assert "<table>" in (tmp_path / f"convbias/{system}.html").read_text()  # the notation
