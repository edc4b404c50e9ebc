"""Files that YAML cannot read, reads without end, or reads as something else: each is refused with its place."""

import os
import subprocess
import sys

import pytest
import yaml

from convbias_pipeline.configuration.read import ReadError, read
from running import ROOT


def bomb(first, inner):
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{i}: &a{i} {inner.format(i - 1)}" for i in range(1, 30)]
    return "\n".join(lines)


MOST = "more than 100000 values, with aliases (*) written out. Use fewer aliases."
FILES = {
    "d: 1 # gr\xfc\xdfe".encode("latin-1"): "line 1, column 10: byte 0xfc is not UTF-8. Save it as UTF-8.",
    "d: 1".encode("utf-16"): "line 1, column 1: byte 0xff is not UTF-8. Save it as UTF-8.",
    "a:\n  d: 2024-13-45": 'line 2, column 6: 2024-13-45 is no valid date. Correct it, or write "2024-13-45" for ',
    "d: !!int abc": 'line 1, column 4: abc is no valid whole number. Correct it, or write "abc" for a text.',
    f"d: {'9' * 5000}": f"line 1, column 4: {'9' * 37}... is no valid whole number. Correct it, or write ",
    "d: !!python/object:os.system x": (
        "line 1, column 4: x has the tag !!python/object:os.system, which is not allowed. Remove the tag."
    ),
    "a: &a\n  b: *a": "line 2, column 6: *a contains itself. Write its values out.",
    "d: *b": "line 1, column 4: there is no &b before this *b. Check its name.",
    "a: &a [1, *a]": "line 1, column 11: *a contains itself. Write its values out.",
    f"a: {'[' * 5000}{']' * 5000}": (
        "line 1, column 23: nested more than 20 deep. A configuration needs 5; remove brackets."
    ),
    bomb("{x: 1, y: 2}", "{{x: *a{0}, y: *a{0}}}"): f"line 14, column 28: {MOST}",
    bomb("[1, 2]", "[*a{0}, *a{0}]"): f"line 15, column 22: {MOST}",
    "d: 010": 'line 1, column 4: YAML reads 010 as the octal number 8. Write 10, 8, or "010" for a text.',
    "n: {cls: [5, 1:30]}": (
        'line 1, column 14: YAML reads 1:30 as the number 90. Write 90, "1:30" for a text, or a space after the colon '
        "for a key."
    ),
}


@pytest.mark.parametrize("content", FILES, ids=range(len(FILES)))
def test_a_file_that_yaml_misreads_is_refused_with_its_place(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ReadError) as caught:
        read(file)
    first, line = str(caught.value).split("\n")
    assert first == "mine.yaml has 1 error:" and line.startswith(f"  {FILES[content]}")


def test_all_values_that_yaml_misreads_are_listed(tmp_path):
    (tmp_path / "mine.yaml").write_text('a: 010\nb: -1:30\nc: 0\nd: 0x10\ne: "010"\nf: !!bool maybe\n')
    with pytest.raises(ReadError, match=r"mine\.yaml has 3 errors:\n  line 1, .*\n  line 2, .*\n  line 6, "):
        read(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [1\n", r"mine\.yaml is not valid YAML: line 2, column 1: "),
        (b"#" * 1_000_001, r"mine\.yaml has more than 1000000 bytes\."),
        (None, r"mine\.yaml cannot be read: No such file or directory\."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, words):
    if content is not None:
        (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(ReadError, match=words):
        read(tmp_path / "mine.yaml")


@pytest.mark.parametrize("file", ["tests/config.yaml", "config/wu2019.yaml", "config/brutzkus2021.yaml"])
def test_a_valid_file_has_the_content_that_yaml_gives_it(file):
    assert read(ROOT / file) == yaml.safe_load((ROOT / file).read_text())


def test_the_command_answers_before_snakemake_reads_the_file(tmp_path):
    (tmp_path / "mine.yaml").write_text(bomb("{x: 1, y: 2}", "{{x: *a{0}, y: *a{0}}}"))
    command = [sys.executable, "-m", "convbias_pipeline.configuration.read", "mine.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("mine.yaml has 1 error:\n  line 14, ")
