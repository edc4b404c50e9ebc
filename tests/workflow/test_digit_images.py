"""A run keeps the digit images of its finished results."""

import pytest

from running import copy_repository, job_counts, smoke


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    where = copy_repository(tmp_path_factory.mktemp("images") / "repository")
    done = smoke(where, "--cores", 2, "--", "results/datasets/digits.parquet")
    assert done.returncode == 0, done.stdout
    assert (where / "results/datasets/digits.txt").read_text() == "bundled 8x8 digits\n"
    return where


@pytest.fixture
def mnist(tmp_path):
    """A folder with files of MNIST's names, which is all that the choice looks at."""
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte.gz").touch()
    return tmp_path


def test_other_images_are_refused_before_any_job(where, mnist):
    refused = smoke(where, "--dry-run", "--cores", 2, "--config", f"mnist={mnist}")
    assert refused.returncode != 0 and "Traceback (most recent call last)" not in refused.stdout
    assert (
        f"The finished results use the digit images bundled 8x8 digits, but now MNIST is in {mnist}." in refused.stdout
    )
    assert "To train on MNIST instead: run with `--config digits=mnist`" in refused.stdout


def test_a_setting_keeps_or_changes_them(where, mnist):
    kept = smoke(where, "--dry-run", "--cores", 2, "--config", f"mnist={mnist}", "digits=bundled")
    assert kept.returncode == 0 and "make_digits" not in job_counts(kept.stdout), kept.stdout
    changed = smoke(where, "--dry-run", "--cores", 2, "--config", f"mnist={mnist}", "digits=mnist")
    assert changed.returncode == 0 and job_counts(changed.stdout)["make_digits"] == 1, changed.stdout


def test_jobs_without_digits_and_the_download_do_not_ask(where, mnist):
    for target in ("mnist", "results/tables/linear.parquet"):
        done = smoke(where, "--dry-run", "--cores", 2, "--config", f"mnist={mnist}", "--", target)
        assert done.returncode == 0, done.stdout
