"""Check Lemma 5 on every small set of positions and on drawn training sets, and Theorem 4 on drawn training sets.

Ref: wu2019, Lemma 5; Theorem 4
"""

import numpy as np
from jaxtyping import Bool, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.tasks import cls
from convbias.papers.wu2019.theory.primitive import gram, has_adjacent_pair, is_primitive
from convbias.papers.wu2019.theory.svd_estimate import estimate

SETTINGS = {
    "d": "even_length",
    "k": "count",
    "n_train": [(1, 2000)],
    "draws": "count",
    "estimates": "count",
    "small_d": (2, 16),
    "small_k": [(1, 16)],
}

CHUNK = 2**23  # entries of data matrices in memory at a time
ROUNDING = 1e-9


def curves(
    d: int, k: int, n_train: list[int], draws: int, estimates: int, small_d: int, small_k: list[int], root_seed: int
) -> dict[str, list]:
    """Rows with ``n_train`` count ``draws`` training sets of Task-Cls; rows without count every set of 1 ... small_d.

    ``lemma``: a case is a training set with an adjacent pair. It is a violation if M_tr'M_tr is not primitive.

    ``theorem``: a case is one of the first ``estimates`` draws with M_tr'M_tr primitive. It is a violation if the error
    of the X-hinge limit differs from the bound by more than 1e-9. The bound is half the proportion of positions
    that are k or more away from all samples. It is an equality then: the top singular pair is unique and positive.

    Raises:
        ValueError: a filter of ``small_k`` is wider than ``small_d``.
    """
    if max(small_k) > small_d:
        raise ValueError(f"small_k must be at most small_d = {small_d}, not {max(small_k)}")
    rows = []
    for size in n_train:
        positions = stream(root_seed, "positions", "cls", size, 0).integers(d, size=(draws, size))
        common = {"d": d, "k": k, "n_train": size}
        values = {**lemma(seen_at(positions, d), k), **theorem(positions[:estimates], d, k)}
        rows += [{**common, "quantity": name, "value": value} for name, value in values.items()]
    every = (np.arange(1, 2**small_d)[:, None] >> np.arange(small_d) & 1).astype(bool)
    for filter_size in small_k:
        common = {"d": small_d, "k": filter_size}
        rows += [{**common, "quantity": name, "value": value} for name, value in lemma(every, filter_size).items()]
    return columns(rows)


def seen_at(positions: Int[np.ndarray, "run n_train"], d: int) -> Bool[np.ndarray, "run d"]:
    """Whether each position, counted from 0, is in each training set."""
    seen = np.zeros((len(positions), d), dtype=bool)
    np.put_along_axis(seen, positions, True, axis=1)
    return seen


def lemma(seen: Bool[np.ndarray, "run d"], k: int) -> dict[str, int]:
    """The number of training sets with an adjacent pair, and how many of these have M_tr'M_tr not primitive.

    Ref: wu2019, Lemma 5
    """
    paired = seen[has_adjacent_pair(seen, k)]
    chunks = np.array_split(paired, -(-paired.size * k // CHUNK) or 1)
    return {
        "lemma_cases": len(paired),
        "lemma_violations": sum(int((~is_primitive(gram(chunk, k))).sum()) for chunk in chunks),
    }


def theorem(positions: Int[np.ndarray, "run n_train"], d: int, k: int) -> dict[str, int]:
    """The number of training sets with M_tr'M_tr primitive, and how many of these miss the bound of Theorem 4.

    The bound is that of one training set, 1/2 Pr_l(|l' - l| >= k for all l' in S_tr). A sample that was drawn twice
    counts twice in M_tr.

    Ref: wu2019, Theorem 4 (given D_tr)
    """
    seen = seen_at(positions, d)
    primitive = is_primitive(gram(seen, k))
    near = abs(np.subtract.outer(np.arange(d), np.arange(d))) < k
    bound = 0.5 * (~(seen[primitive] @ near)).mean(1)
    error = estimate(cls.make(d), positions[primitive], k).test_error if primitive.any() else bound
    return {"theorem_cases": len(bound), "theorem_violations": int((~(abs(error - bound) <= ROUNDING)).sum())}
