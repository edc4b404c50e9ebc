"""The detection tasks of brutzkus2021: their patterns, and how patterns form an input.

A task is a module with a function ``make(d, l, stream, images) -> Patterns`` and the constant ``USES_IMAGES``. This
constant is true if the task uses the digit images.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Real

from convbias import registry
from convbias.detection.digits import Digits


@dataclass(frozen=True)
class Patterns:
    """The patterns of a task, one per row of ``vectors``, with their roles.

    ``vectors`` are divided by ``unit`` before use. ``role`` is 1 for a positive pattern, -1 for a negative one and 0
    for a spurious one. ``training`` and ``test`` are true for the patterns of training sets and of test sets.
    """

    vectors: Real[np.ndarray, "pattern d"]
    unit: int
    role: Int[np.ndarray, " pattern"]
    training: Bool[np.ndarray, " pattern"]
    test: Bool[np.ndarray, " pattern"]

    def __post_init__(self) -> None:
        assert all({-1, 0, 1} == set(self.role[split]) for split in (self.training, self.test))

    def inputs(self, drawn: Int[np.ndarray, "sample place"]) -> Float[np.ndarray, "sample place d"]:
        """The inputs with the patterns of these indices."""
        return self.vectors[drawn] / np.float64(self.unit)


def make(name: str, d: int, l: int, stream: np.random.Generator, images: Digits | None) -> Patterns:
    """The patterns of the task of that name: l patterns of length d, or all images. ``stream`` gives random numbers.

    Raises:
        ValueError: there is no such task, or it cannot be made with these values.
    """
    return registry.load("detection.tasks", name).make(d, l, stream, images)


def draw(
    patterns: Patterns, stream: np.random.Generator, size: int, n_patterns: int, test: bool
) -> tuple[Int[np.ndarray, "sample place"], Int[np.ndarray, " sample"]]:
    """Inputs of the distribution D, as indices of their patterns, and their labels -1, 1.

    Both labels are equally likely. A positive input has one positive pattern at a uniform place. Its other patterns are
    spurious and drawn uniformly. A negative input has a negative pattern instead.

    Ref: brutzkus2021, Section 3 (the distribution D)
    """
    allowed = patterns.test if test else patterns.training
    positive, negative, spurious = (np.flatnonzero(allowed & (patterns.role == role)) for role in (1, -1, 0))
    y = stream.choice([-1, 1], size)
    places = stream.integers(n_patterns, size=size)
    drawn = stream.choice(spurious, (size, n_patterns))
    drawn[np.arange(size), places] = np.where(y > 0, stream.choice(positive, size), stream.choice(negative, size))
    return drawn, y
