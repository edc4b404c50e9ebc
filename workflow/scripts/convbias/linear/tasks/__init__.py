"""The tasks of wu2019, Section 1: finite datasets of sparse inputs in {-1, 0, 1}^d.

A task is a module with a function ``make(d) -> Task``.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt32

from convbias import draws, registry


@dataclass(frozen=True)
class Task:
    """All points of a dataset, each with the same small number of non-zero entries.

    ``position`` and ``x`` have shape (point, entry): the positions of the non-zero entries, and their values -1 or 1.
    ``y`` has shape (point,) and holds the labels -1, 1.
    """

    name: str
    d: int
    position: Int[np.ndarray, "point entry"]
    x: Int[np.ndarray, "point entry"]
    y: Int[np.ndarray, " point"]

    def __post_init__(self) -> None:
        assert self.position.shape == self.x.shape == (*self.y.shape, self.position.shape[1])
        assert ((self.position >= 0) & (self.position < self.d)).all()
        assert (abs(self.x) == 1).all() and (abs(self.y) == 1).all()
        assert (np.diff(np.sort(self.position, axis=1), axis=1) > 0).all()  # all positions of a point differ

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def rows(self) -> Int[np.ndarray, "point entry"]:
        """Each point as rows of the stacked vector (w, -w), so that its margin is their sum.

        The margin of a linear network with effective weights w is y f(x) = sum over entries of (y x) w[position].
        The row of an entry is ``position`` if y x = 1, and ``d + position`` if y x = -1.
        """
        return self.position + self.d * (self.x * self.y[:, None] < 0)

    @cached_property
    def distinct(self) -> "Distinct":
        """The points that differ for linear classifiers: (x, y) and (-x, -y) have the same margin y f(x)."""
        rows, of, copies = np.unique(np.sort(self.rows, axis=1), axis=0, return_inverse=True, return_counts=True)
        position, sign = (rows % self.d).astype(np.uint32), np.where(rows < self.d, 1.0, -1.0)
        return Distinct(position, sign, copies.astype(float), of.reshape(-1).astype(np.uint32))


class Distinct(NamedTuple):
    """Rows for points with different margins: positions, y x, and how many points each row stands for.

    ``of`` has the row of each point.
    """

    position: UInt32[np.ndarray, "row entry"]
    sign: Float[np.ndarray, "row entry"]
    copies: Float[np.ndarray, " row"]
    of: UInt32[np.ndarray, " point"]


def make(name: str, d: int) -> Task:
    """The task of that name at input length d.

    Raises:
        ValueError: there is no such task, or d is odd or less than 2.
    """
    if d < 2 or d % 2:
        raise ValueError(f"{name}: d must be even and at least 2, not {d}")
    return registry.load("linear.tasks", name).make(d)


def draw_points(task: Task, root_seed: int, n_train: int, seed: int) -> Int[np.ndarray, " n_train"]:
    """One training set, as indices of points: i.i.d. uniform over the whole dataset, with replacement.

    Ref: wu2019, Section 2.1
    """
    return draws.stream(root_seed, "points", task.name, n_train, seed).integers(len(task), size=n_train)
