"""Compare the expected error of the X-hinge limit on sparse training sets of Task-Cls with that of Model-1-Layer.

Ref: wu2019, Proposition 6
"""

import numpy as np
from jaxtyping import Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.tasks import cls
from convbias.papers.wu2019.theory.sparseness import sparse_positions
from convbias.papers.wu2019.theory.svd_estimate import estimate

SETTINGS = {"d": "even_length", "k": "count", "draws": "count"}

MOST = 9  # the largest number of times that a position is drawn
ROUNDING = 1e-9


def curves(d: int, k: int, draws: int, root_seed: int) -> dict[str, list]:
    """Check the packed set and ``draws`` random ones, with random repeats and classes.

    The expected error over Gaussian w1_0 (with w2_0 = 0) must be half the proportion of positions without a sample, up
    to 1e-9. ``sparseness_deviation`` is the largest difference. Positions may repeat unequally often: samples 2k apart
    share no row of M_tr. So M_tr'M_tr is the identity times the sum of the squared proportions of the positions.
    """
    task = cls.make(d)
    differences = []
    for draw in range(draws + 1):
        rng = stream(root_seed, "sparse set", task.name, 0, draw)
        positions = draw_sparse_positions(d, k, rng) if draw else sparse_positions(d, k)
        points = positions - 1 + d * rng.integers(2, size=len(positions))  # e_l or -e_l
        unseen = d - len(np.unique(positions))
        error = float(estimate(task, points[None], k).gaussian_test_error[0])
        differences.append(abs(error - unseen / d / 2))
    values = {
        "sparseness_cases": len(differences),
        "sparseness_violations": sum(not difference <= ROUNDING for difference in differences),
        "sparseness_deviation": max(differences),
    }
    return columns([{"quantity": quantity, "d": d, "k": k, "value": value} for quantity, value in values.items()])


def draw_sparse_positions(d: int, k: int, rng: np.random.Generator) -> Int[np.ndarray, " n_train"]:
    """Draw positions (from 1) that meet Proposition 6's condition, each 1 to 9 times.

    Ref: wu2019, Proposition 6
    """
    return draw_spaced_positions(d, k, 2 * k, rng)


def draw_spaced_positions(d: int, first: int, spacing: int, rng: np.random.Generator) -> Int[np.ndarray, " n_train"]:
    """Draw positions (from 1) that are at least ``first``, and at least ``spacing`` apart, each 1 to 9 times.

    The number of positions is drawn first, uniformly, and then the set. Between s positions there are s - 1 gaps of
    ``spacing`` - 1 positions that the set cannot use. Without these gaps, any s of the remaining places form a valid
    set.
    """
    s = rng.integers(1, len(range(first, d + 1, spacing)) + 1)
    gap = spacing - 1
    chosen = np.sort(rng.choice(d - first + 1 - (s - 1) * gap, s, replace=False))
    return np.repeat(first + chosen + gap * np.arange(s), rng.integers(1, MOST + 1, size=s))
