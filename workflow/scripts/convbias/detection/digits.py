"""Images of handwritten digits: MNIST, or the small images in ``digits.csv.gz``.

The small images are those of scikit-learn's ``load_digits``: the test set of E. Alpaydin and C. Kaynak, Optical
Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998, doi 10.24432/C50P49, licence CC BY 4.0.
A line of the file has the 64 pixels of an image, row by row, and its digit. Nothing was changed but the file format.
"""

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8

MNIST, BUNDLED = "MNIST", "bundled 8x8 digits"  # the names of collections
IDX_IMAGES, IDX_LABELS = 2051, 2049  # the first number of an IDX file; its last byte is the number of axes


@dataclass(frozen=True)
class Digits:
    """A collection of images with their digits, split into images for training and images for testing.

    ``pixels`` has shape (image, pixel). Its values are from 0 to ``top``, row by row from the top left. An image has
    ``height`` rows. ``label`` and ``test`` have shape (image,): the digit, and whether the image is for testing.
    """

    name: str
    pixels: UInt8[np.ndarray, "image pixel"]
    label: UInt8[np.ndarray, " image"]
    test: Bool[np.ndarray, " image"]
    height: int
    top: int

    def __post_init__(self) -> None:
        assert self.label.shape == self.test.shape == self.pixels.shape[:1]
        assert self.pixels.shape[1] % self.height == 0 and self.pixels.max() <= self.top
        assert set(self.label[self.test]) == set(self.label[~self.test]) == set(range(10))


def from_idx(train_images: bytes, train_labels: bytes, test_images: bytes, test_labels: bytes) -> Digits:
    """MNIST, with its own split, from the contents of its four files in the IDX format.

    Raises:
        ValueError: files are damaged or do not belong together; the message names each of them.
    """
    arrays, problems = {}, []
    for name, content, magic in (
        ("train_images", train_images, IDX_IMAGES),
        ("train_labels", train_labels, IDX_LABELS),
        ("test_images", test_images, IDX_IMAGES),
        ("test_labels", test_labels, IDX_LABELS),
    ):
        try:
            arrays[name] = _parse(content, magic)
        except ValueError as problem:
            problems.append(f"{name} {problem}")
    problems = problems or _disagreements(arrays)
    if problems:
        raise ValueError("\n".join(["These are not the four files of MNIST:", *problems]))
    images = np.concatenate([arrays["train_images"], arrays["test_images"]])
    label = np.concatenate([arrays["train_labels"], arrays["test_labels"]])
    test = np.arange(len(label)) >= len(arrays["train_labels"])
    return Digits(MNIST, images.reshape(len(images), -1), label, test, height=images.shape[1], top=255)


def bundled() -> Digits:
    """The 1797 images of 8x8 pixels that come with this package; the last third, 599 of them, are for testing.

    The collection has no split; we assume this one. The images are in order of collection.
    """
    rows = np.loadtxt(Path(__file__).with_name("digits.csv.gz"), delimiter=",", dtype=np.uint8)
    pixels, label = rows[:, :-1], rows[:, -1]
    test = np.arange(len(label)) >= len(label) - len(label) // 3
    return Digits(BUNDLED, pixels, label, test, height=8, top=16)


def _parse(content: bytes, magic: int) -> UInt8[np.ndarray, "..."]:
    header = 4 * (1 + magic % 256)
    if len(content) < header:
        raise ValueError(f"has {len(content)} bytes, but its header needs {header}")
    number, *sizes = struct.unpack_from(f">{header // 4}I", content)
    if number != magic:
        raise ValueError(f"begins with the number {number}, not {magic}")
    if len(content) != header + prod(sizes):
        shape = " x ".join(map(str, sizes))
        raise ValueError(f"has {len(content)} bytes, but its header announces {header} + {shape}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(sizes)


def _disagreements(arrays: dict[str, np.ndarray]) -> list[str]:
    problems = []
    for split in ("train", "test"):
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
        if len(images) != len(labels):
            problems.append(f"{split}_images has {len(images)} images and {split}_labels {len(labels)} labels")
        if others := set(labels.tolist()) - set(range(10)):
            problems.append(f"{split}_labels has the labels {sorted(others)}, which are not digits")
        elif missing := set(range(10)) - set(labels.tolist()):
            problems.append(f"{split}_labels lacks the digits {sorted(missing)}")
    if arrays["train_images"].shape[1:] != arrays["test_images"].shape[1:]:
        sizes = (" x ".join(map(str, arrays[f"{split}_images"].shape[1:])) for split in ("train", "test"))
        problems.append("train_images has images of {} pixels and test_images of {}".format(*sizes))
    return problems
