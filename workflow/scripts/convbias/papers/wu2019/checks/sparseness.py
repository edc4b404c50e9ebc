"""The limit's expected error on sparse training sets of Task-Cls, beside that of one layer.

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

MOST = 9  # times that a position is drawn
ROUNDING = 1e-9


def curves(d: int, k: int, draws: int, root_seed: int) -> dict[str, list]:
    """The packed set and ``draws`` random ones, with random repeats and classes.

    The expected error over Gaussian w1_0 (w2_0 = 0) is half the share of positions that were not seen, to 1e-9.
    ``sparseness_deviation`` is the largest difference. Repeats may be unequal: samples 2k apart share no row of M_tr,
    so that M_tr'M_tr is the sum of the squared shares of the positions, times the identity.
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
    """Positions from 1 that meet Proposition 6's condition, 1 to 9 times each: the number uniform, then the set.

    The gaps of s positions hold s - 1 times 2k - 1 that belong to none of them; without these, any s of the places left
    over will do.

    Ref: wu2019, Proposition 6
    """
    s = rng.integers(1, len(sparse_positions(d, k)) + 1)
    gap = 2 * k - 1
    chosen = np.sort(rng.choice(d - k + 1 - (s - 1) * gap, s, replace=False))
    return np.repeat(k + chosen + gap * np.arange(s), rng.integers(1, MOST + 1, size=s))
