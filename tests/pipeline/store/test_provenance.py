"""The commit of the code behind a file, however the code came to this machine."""

import shutil
import subprocess

import pytest

from convbias_pipeline.store.provenance import ARCHIVED, UNKNOWN, version_of
from running import ROOT

ALL_UNKNOWN = {"commit": UNKNOWN, "dirty": UNKNOWN}


def git(where, *arguments):
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *author, "-C", where, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """A clean checkout of a small repository, and its commit."""
    where = tmp_path / "checkout"
    (where / "workflow").mkdir(parents=True)
    (where / "workflow/Snakefile").write_text("rule all: input: []\n")
    for name in (ARCHIVED, ".gitattributes"):
        shutil.copy(ROOT / name, where)
    git(where, "init", "--quiet")
    git(where, "add", ".")
    git(where, "commit", "--quiet", "--message", "Begin")
    return where, git(where, "rev-parse", "HEAD")


@pytest.mark.parametrize("owner", ["own", "another user"])
def test_a_checkout_has_a_commit_and_is_dirty_if_code_that_computes_has_changed(checkout, owner, monkeypatch):
    where, commit = checkout
    if owner == "another user":  # git's own switch for tests: it then refuses to read the checkout
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(subprocess.CalledProcessError):
            git(where, "rev-parse", "HEAD")
    (where / "notes.txt").write_text("not code")
    assert version_of(where) == {"commit": commit, "dirty": False}
    (where / "workflow/new.py").write_text("x = 1")
    assert version_of(where) == {"commit": commit, "dirty": True}


def test_variables_of_git_have_no_effect(checkout, tmp_path, monkeypatch):
    """A hook of git runs with GIT_DIR."""
    where, commit = checkout
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert version_of(where)["commit"] == commit


def test_an_unpacked_archive_has_the_commit_it_was_made_from(checkout, tmp_path):
    where, commit = checkout
    git(where, "archive", "--format=zip", f"--output={tmp_path}/a.zip", "HEAD")
    shutil.unpack_archive(tmp_path / "a.zip", tmp_path / "unpacked")
    assert version_of(tmp_path / "unpacked") == {"commit": commit, "dirty": UNKNOWN}


def test_a_copy_has_no_commit_even_inside_another_repository(checkout, monkeypatch):
    where, _ = checkout
    inside = where / "copy"
    inside.mkdir()
    assert version_of(inside) == ALL_UNKNOWN
    shutil.copy(where / ARCHIVED, inside)  # git has written no commit into it
    assert version_of(inside) == ALL_UNKNOWN


def test_without_git_the_commit_of_a_checkout_is_unknown(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert version_of(checkout[0]) == ALL_UNKNOWN
