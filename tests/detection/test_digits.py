"""Collections of digit images: MNIST from its files, and the small ones that come with the package."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError
from sklearn.datasets import load_digits

from convbias.detection import digits
from made_mnist import CONTENTS, NAMES, idx


def test_mnist_has_its_own_split_and_the_pixels_and_labels_of_its_files():
    mnist_digits = digits.from_idx(*CONTENTS.values())
    assert (mnist_digits.name, mnist_digits.height, mnist_digits.top) == ("MNIST", 3, 255)
    np.testing.assert_array_equal(mnist_digits.pixels[0], [0, 1, 2, 3, 4, 5])
    np.testing.assert_array_equal(mnist_digits.pixels[-1], [250, 251, 252, 253, 254, 255])
    np.testing.assert_array_equal(mnist_digits.label, [*range(10), *range(10), *range(9, -1, -1)])
    np.testing.assert_array_equal(mnist_digits.test, [False] * 20 + [True] * 10)


def test_error_names_every_file_that_is_not_in_the_expected_format():
    with pytest.raises(ValueError, match="four files of MNIST") as caught:
        digits.from_idx(
            idx(2049, 2, data=range(100)), b"1234567", idx(2051, 2, 3, 2, data=range(11)), CONTENTS[NAMES[3]]
        )
    assert str(caught.value).split("\n") == [
        "These are not the four files of MNIST:",
        "train_images begins with the number 2049, not 2051",
        "train_labels has 7 bytes, but its header needs 8",
        "test_images has 27 bytes, but its header announces 16 + 2 x 3 x 2",
    ]


def test_error_names_files_that_do_not_belong_together():
    with pytest.raises(ValueError, match="four files of MNIST") as caught:
        digits.from_idx(
            idx(2051, 11, 3, 2, data=range(66)),
            idx(2049, 12, data=[*range(12)]),
            idx(2051, 9, 2, 2, data=range(36)),
            idx(2049, 9, data=range(9)),
        )
    assert str(caught.value).split("\n") == [
        "These are not the four files of MNIST:",
        "train_images has 11 images and train_labels 12 labels",
        "train_labels has the labels [10, 11], which are not digits",
        "test_labels lacks the digits [9]",
        "train_images has images of 3 x 2 pixels and test_images of 2 x 2",
    ]


def test_the_bundled_digits_are_those_of_scikit_learn():
    bundled = digits.bundled()
    pixels, label = load_digits(return_X_y=True)
    np.testing.assert_array_equal(bundled.pixels, pixels)
    np.testing.assert_array_equal(bundled.label, label)
    assert (bundled.name, bundled.height, bundled.top) == ("bundled 8x8 digits", 8, 16)
    assert bundled.pixels.shape == (1797, 64) and bundled.pixels.max() == 16
    assert bundled.test.sum() == 599 and bundled.test[-599:].all()
    # the first image is a 0: dark in the middle, bright around it
    assert bundled.label[0] == 0 and bundled.pixels[0].reshape(8, 8)[2:6, 3:5].mean() < 4
    assert bundled.pixels[0].reshape(8, 8)[2:6, [2, 5]].mean() > 8


def valid():
    label = np.tile(np.arange(10, dtype=np.uint8), 2)
    return {"name": "valid", "pixels": np.ones((20, 6), np.uint8), "label": label, "test": np.arange(20) >= 10}


@pytest.mark.parametrize(
    "fault",
    [
        {"label": np.arange(10, dtype=np.uint8)},
        {"test": np.zeros(20, bool)},
        {"test": np.arange(20) >= 11},
        {"test": np.arange(20) <= 10},
        {"label": np.tile(np.arange(1, 11, dtype=np.uint8), 2)},
        {"pixels": np.full((20, 6), 17, np.uint8)},
        {"height": 4},
    ],
)
def test_inconsistent_collections_are_refused(fault):
    sizes = {"height": 3, "top": 16}
    digits.Digits(**valid(), **sizes)
    with pytest.raises((AssertionError, TypeCheckError)):  # the second if shapes are checked first
        digits.Digits(**{**valid(), **sizes, **fault})
