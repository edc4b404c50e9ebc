"""Files are read and written as UTF-8, whatever the locale."""

import ast
import re

import pytest

from running import ROOT

FOLDERS = ("workflow", "benchmarks", "tests/helpers")


def without_encoding(source):
    """The calls that read or write text in the encoding of the locale. Ruff's rule knows only some types of paths."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function, keywords = node.func, {argument.arg for argument in node.keywords}
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if keywords & {"encoding", None}:
                continue
            if name == "open":
                found = not re.search(r"['\"][rwax+]*b[rwax+]*['\"]|^(os|Image)\.open", ast.unparse(node))
            else:
                found = name in ("read_text", "write_text") or "text" in keywords
            if found:
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("(a / 'b').read_text()", True),
        ("a.write_text(b)", True),
        ("open(a, 'w')", True),
        ("a.open(newline='')", True),
        ("run(a, text=True)", True),
        ("a.read_text(encoding='utf-8')", False),
        ("open(a, 'rb')", False),
        ("open(a, **options)", False),
        ("os.open(a, os.O_RDWR)", False),
    ],
)
def test_calls_that_depend_on_the_locale_are_found(source, found):
    assert bool([*without_encoding(source)]) == found


def test_each_file_is_opened_with_an_encoding():
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    lines = [
        f"{file.relative_to(ROOT)}, {line}"
        for file in files
        for line in without_encoding(file.read_text(encoding="utf-8"))
    ]
    assert lines == []


def test_rules_read_texts_with_an_encoding():
    for file in [*(ROOT / "workflow").rglob("*.smk"), ROOT / "workflow/Snakefile"]:
        assert not re.search(r"_text\(\)|text=True|\bopen\(", file.read_text(encoding="utf-8")), file
