"""The choice of digit images: the setting ``digits``, MNIST's files and the record of finished results."""

from pathlib import Path

import pytest

from convbias.detection.digits import BUNDLED, MNIST
from convbias_pipeline.jobs.images import ImagesError, choose

FOLDER = Path("/data/mnist")  # choose() does not look into the folder


@pytest.fixture
def record(tmp_path):
    """The path of a record that does not exist yet."""
    return tmp_path / "digits.txt"


@pytest.mark.parametrize(
    ("digits", "folder", "images"),
    [
        ("auto", FOLDER, MNIST),
        ("auto", None, BUNDLED),
        ("mnist", FOLDER, MNIST),
        ("bundled", FOLDER, BUNDLED),
        ("bundled", None, BUNDLED),
    ],
)
def test_first_run_uses_the_images_of_the_setting(digits, folder, images, record):
    assert choose(digits, folder, record) == images
    assert not record.exists()


@pytest.mark.parametrize(("folder", "images"), [(FOLDER, MNIST), (None, BUNDLED)])
def test_auto_keeps_the_images_of_finished_results(folder, images, record):
    record.write_text(f"{images}\n")
    assert choose("auto", folder, record) == images


def test_auto_refuses_to_replace_bundled_digits_if_mnist_appears(record):
    record.write_text(f"{BUNDLED}\n")
    with pytest.raises(ImagesError) as caught:
        choose("auto", FOLDER, record)
    assert str(caught.value) == (
        "The finished results use the digit images bundled 8x8 digits, but now MNIST is in /data/mnist. "
        "Nothing was changed.\n"
        "To keep bundled 8x8 digits: add `digits: bundled` to the configuration.\n"
        "To train on MNIST instead: run with `--config digits=mnist`, or add `digits: mnist` to the configuration. "
        "This replaces the results that depend on the digits."
    )
    assert record.read_text() == f"{BUNDLED}\n"


def test_auto_refuses_to_replace_mnist_if_its_files_disappear(record):
    record.write_text(f"{MNIST}\n")
    with pytest.raises(ImagesError) as caught:
        choose("auto", None, record)
    assert str(caught.value) == (
        "The finished results use the digit images MNIST, but now no MNIST files are found. Nothing was changed.\n"
        "To keep MNIST: set CONVBIAS_MNIST, or `mnist` in the configuration, to the folder with its files.\n"
        "To train on bundled 8x8 digits instead: run with `--config digits=bundled`, or add `digits: bundled` to the "
        "configuration. This replaces the results that depend on the digits."
    )
    assert record.read_text() == f"{MNIST}\n"


@pytest.mark.parametrize("recorded", [MNIST, BUNDLED])
@pytest.mark.parametrize(("digits", "images"), [("mnist", MNIST), ("bundled", BUNDLED)])
def test_an_explicit_setting_replaces_the_images_of_finished_results(digits, images, recorded, record):
    record.write_text(f"{recorded}\n")
    assert choose(digits, FOLDER, record) == images


@pytest.mark.parametrize("recorded", [None, MNIST, BUNDLED])
def test_mnist_without_its_files_is_an_error(recorded, record):
    if recorded:
        record.write_text(f"{recorded}\n")
    with pytest.raises(ImagesError) as caught:
        choose("mnist", None, record)
    assert str(caught.value) == (
        "digits is mnist, but no MNIST files are found. Run `snakemake mnist`, or set CONVBIAS_MNIST to their folder."
    )


def test_choice_does_not_depend_on_the_environment(record, monkeypatch):
    monkeypatch.setenv("CONVBIAS_MNIST", str(FOLDER))
    assert choose("auto", None, record) == BUNDLED


def test_a_record_of_unknown_images_is_refused(tmp_path):
    record = tmp_path / "digits.txt"
    record.write_text("other digits\n")
    with pytest.raises(ImagesError, match=r"digits\.txt names unknown digit images 'other digits'\. Delete it"):
        choose("auto", None, record)


@pytest.mark.parametrize("folder", [FOLDER, None])
def test_recorded_takes_the_images_of_the_finished_results_without_their_files(folder, record):
    with pytest.raises(ImagesError, match=r"digits is recorded, but there are no finished results: .* does not exist"):
        choose("recorded", folder, record)
    record.write_text(f"{MNIST}\n")
    assert choose("recorded", folder, record) == MNIST
