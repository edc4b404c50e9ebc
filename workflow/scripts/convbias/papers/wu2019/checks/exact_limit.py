"""The exact first term of Theorem 4 and the exact error of the X-hinge limit on Task-Cls, and single training sets.

Ref: wu2019, Theorem 4 (as an equality)
"""

import numpy as np

from convbias.checks import columns
from convbias.linear.tasks import cls, draw_points
from convbias.papers.wu2019.theory import components
from convbias.papers.wu2019.theory.exact_limit import limit_error, not_primitive_probability, not_primitive_sets
from convbias.papers.wu2019.theory.neighbours import bases, no_pair_probability
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.svd_estimate import estimate

SETTINGS = {"d": "even_length", "k": (1, 6), "n_train": [(1, 2000)], "seeds": "count"}  # time grows fivefold with k

ROUNDING = 1e-9


def curves(d: int, k: int, n_train: list[int], seeds: int, root_seed: int) -> dict[str, list]:
    """Exact values at every n up to the largest, and counts over the first ``seeds`` training sets at ``n_train``.

    * ``not_primitive``: the probability that M_tr'M_tr is not primitive; ``lemma_5`` bounds it. As n grows, each falls
      like its ``_base`` to the power of n, up to a factor.
    * ``limit_low`` and ``limit_high``: bounds on E_inf, the expected error of the limit.
    * ``one_layer``: the expected error of Model-1-Layer.
    * ``exact_limit``: a case is a training set of the experiments. Its positions must tell whether sigma_1 is simple.
      The expected error of its limit, from the SVD, must be within its bounds up to 1e-9. Otherwise it is a violation.
    """
    every = np.arange(1, max(n_train) + 1)
    low, high = limit_error(d, k, every)
    exact = {
        "not_primitive": not_primitive_probability(d, k, every),
        "lemma_5": no_pair_probability(d, k, every),
        "limit_low": low,
        "limit_high": high,
        "one_layer": one_layer_error(d, every),
    }
    rows = [
        {"quantity": name, "n_train": n, "value": value}
        for name, curve in exact.items()
        for n, value in zip(every.tolist(), curve.tolist(), strict=True)
    ]
    largest = len(not_primitive_sets(d, k)) - 1
    for name, base in {"not_primitive": largest, "lemma_5": bases(d, k).err_1}.items():
        rows.append({"quantity": f"{name}_base", "value": base / d})
    for size in n_train:
        for counted, value in {"cases": seeds, "violations": violations(d, k, size, seeds, root_seed)}.items():
            rows.append({"quantity": f"exact_limit_{counted}", "n_train": size, "value": value})
    return columns([{**row, "d": d, "k": k} for row in rows])


def violations(d: int, k: int, n_train: int, seeds: int, root_seed: int) -> int:
    """The number of training sets whose singular vectors contradict ``components.limit``.

    Ref: wu2019, Theorem 2 (given D_tr)
    """
    task = cls.make(d)
    points = np.stack([draw_points(task, root_seed, n_train, seed) for seed in range(seeds)])
    found = estimate(task, points, k)
    count = 0
    for positions, degenerate, error in zip(points % d, found.degenerate, found.gaussian_test_error, strict=True):
        own = components.limit(np.isin(np.arange(d), positions), k)
        count += not (own.degenerate == degenerate and own.low - ROUNDING <= error <= own.high + ROUNDING)
    return count
