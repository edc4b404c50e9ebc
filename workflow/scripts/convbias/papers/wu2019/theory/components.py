"""The X-hinge limit on Task-Cls from the set of training positions alone: components of a graph on the columns of M_tr.

Entry (l, j) of M_tr is the proportion of samples at position l + j. So entry (j, j + s) of M_tr'M_tr is positive iff
some position p >= j and the position p + s both have samples. These pairs are the edges of a graph on the columns. It
depends on the set of positions, but not on the numbers of samples there.

Columns, rows and positions count from 0 here, unlike in the paper. A partition of the columns 0 ... k-1 into components
is a tuple with the least column of each column's component.
"""

from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

Partition = tuple[int, ...]
HALF = Fraction(1, 2)


def join(parts: Partition, recent: int, position: int) -> Partition:
    """The components after a further sample at ``position``; bit s - 1 of ``recent`` tells if position - s has any.

    Two samples at position - s and position give the edges {j, j + s} with j <= position - s.

    Ref: wu2019, Section 3.3.1 (M_tr'M_tr)
    """
    for gap in range(1, len(parts)):
        if recent >> (gap - 1) & 1:
            for column in range(min(len(parts) - gap, position - gap + 1)):
                ends = parts[column], parts[column + gap]
                parts = tuple(min(ends) if part in ends else part for part in parts)
    return parts


def components(seen: Bool[np.ndarray, " d"], k: int) -> Partition:
    """The components of the columns if there are samples at the positions ``seen``, at least at one.

    M_tr'M_tr is primitive iff there is one component. A primitive matrix has a connected graph. Conversely, let the
    graph be connected. If k >= 2, each column has an edge, so its diagonal entry is positive. If k = 1, the only entry
    is. A symmetric non-negative matrix with a connected graph and a positive diagonal is primitive.

    Ref: wu2019, Definition 3; Section 3.3.1
    """
    parts = tuple(range(k))
    recent = 0
    for position, sample in enumerate(seen.tolist()):
        parts = join(parts, recent, position) if sample else parts
        recent = (recent << 1 | sample) & (2 ** (k - 1) - 1)
    return parts


def first_component(parts: Partition) -> tuple[int, ...]:
    """The columns in the component of column 0."""
    return tuple(column for column, part in enumerate(parts) if part == 0)


def translates(parts: Partition) -> tuple[int, ...]:
    """The shifts t, 0 among them, by which the component of column 0 becomes a component."""
    shifted = {t: tuple(column - t for column, part in enumerate(parts) if part == t) for t in range(len(parts))}
    return tuple(t for t, columns in shifted.items() if columns == shifted[0])


def without_broken(shifts: tuple[int, ...], columns: tuple[int, ...], position: int) -> tuple[int, ...]:
    """The shifts t without the position in one of the rows l < t: at l + j, for some j of the component of column 0."""
    return tuple(t for t in shifts if not any(0 <= position - column < t for column in columns))


class Limit(NamedTuple):
    """Bounds on the expected error of the X-hinge limit on a training set, equal if sigma_1 is simple."""

    low: Fraction
    high: Fraction
    degenerate: bool


def limit(seen: Bool[np.ndarray, " d"], k: int) -> Limit:
    """Bounds on the expected error of the X-hinge limit, from the positions with samples.

    Let C be the component of column 0, and M_C the columns C of M_tr. M_C'M_C is irreducible and non-negative. So its
    largest eigenvalue is simple, has a positive eigenvector, and falls if an entry falls or a column is left out.

    1. The largest singular value sigma_1 of M_tr is that of M_C. Let t be the least column of another component D. Its
       edges, shifted by t, are edges too, so D - t is within C. Row l of M_D is row l + t of M_{D-t}. So M_D is M_{D-t}
       without its first t rows, which has no larger sigma_1, and M_{D-t} has columns of M_C.
    2. D attains sigma_1 iff nothing is lost: D - t = C, and M_C is 0 in its first t rows. Otherwise sigma_1 of M_D is
       less. So whether sigma_1 is simple depends on the set of positions only.
    3. If sigma_1 is simple, its singular vectors are positive on C and on the rows in which M_C is not 0, and 0
       elsewhere. The margin is positive at the positions l + j of such rows l and columns j, which C reaches. It is 0
       elsewhere. So the error is half the proportion of positions that C does not reach.
    4. If sigma_1 is degenerate, its singular vectors are translates of one pair (``bounds_at``).

    The expectation is over initial weights that are independent, have a density and are symmetric about 0, such as
    normal or uniform ones.

    Ref: wu2019, Theorem 2; Theorem 4 (given D_tr)

    Holds on Task-Cls, where M_tr has no negative entry. It does not extend to Task-1stCtrl, where samples of the two
    halves have opposite signs. If both reach a position, the sign of the output depends on the numbers of samples.
    """
    d = len(seen)
    positions = np.flatnonzero(seen).tolist()
    parts = components(seen, k)
    columns, shifts = first_component(parts), translates(parts)
    for position in positions:
        shifts = without_broken(shifts, columns, position)
    bounds = [
        bounds_at(
            columns, shifts, tuple(other - position for other in positions if abs(other - position) < k), position
        )
        for position in range(d)
    ]
    low, high = (sum(ends, Fraction(0)) / d for ends in zip(*bounds, strict=True))
    return Limit(low, high, len(shifts) > 1)


@cache
def bounds_at(
    columns: tuple[int, ...], shifts: tuple[int, ...], near: tuple[int, ...], position: int
) -> tuple[Fraction, Fraction]:
    """Bounds on the expected error at a position; ``near`` has the distances to it of the samples nearer than k.

    With m ``shifts``, each top singular pair is a combination of translates of one pair, with coefficients z_1 ... z_m.
    The margin at position p is z'Fz. Here F_ab is the mean of g(p + t_a - t_b) and g(p - t_a + t_b), and g is positive
    at the positions that the component of column 0 reaches. The law of z does not change if an entry is negated.

    * F = 0: the output is 0, which counts 1/2.
    * F is diagonal and not 0: the margin is positive, and the error is 0.
    * F has no diagonal, and the graph of its entries is bipartite: negating z on one side negates the margin. So the
      error is 1/2.
    * F has no diagonal: the margin is positive if all signs of z are equal. Its mean over all signs is 0, so it is
      negative for other signs. Two opposite sign vectors have the probability 2^(1-m). So the error is between 2^(1-m)
      and 1 - 2^(1-m).
    * F has a diagonal and other entries: the error depends on the numbers of samples. For the same reasons it is at
      most 1/2 if the graph is bipartite, and at most 1 - 2^(1-m) otherwise.

    Ref: wu2019, Equation 3 (given D_tr)
    """

    def reached(at: int) -> bool:
        return any(position + at >= column and at - column + other in near for column in columns for other in columns)

    edges = {
        (a, b)
        for (a, one), (b, other) in combinations(enumerate(shifts), 2)
        if reached(one - other) or reached(other - one)
    }
    own = reached(0)
    if not edges:
        return (Fraction(0), Fraction(0)) if own else (HALF, HALF)
    rare = Fraction(2, 2 ** len(shifts))
    if is_bipartite(len(shifts), edges):
        return (Fraction(0) if own else HALF), HALF
    return (Fraction(0) if own else rare), 1 - rare


def is_bipartite(m: int, edges: set[tuple[int, int]]) -> bool:
    """Whether the vertices 0 ... m-1 split into two sides without an edge within a side."""
    side: dict[int, int] = {}
    for root in range(m):
        todo = [] if root in side else [root]
        side.setdefault(root, 0)
        while todo:
            vertex = todo.pop()
            for other in (a + b - vertex for a, b in edges if vertex in (a, b)):
                if other not in side:
                    side[other] = 1 - side[vertex]
                    todo.append(other)
    return all(side[a] != side[b] for a, b in edges)
