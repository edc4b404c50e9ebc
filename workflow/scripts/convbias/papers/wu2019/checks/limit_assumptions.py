"""Two remarks on the X-hinge limit: M_tr is never 0, and the limit of the error need not be the error of the limit.

Ref: wu2019, Footnote 1; Footnote 2
"""

from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Float, Int

from convbias.checks import columns
from convbias.draws import stream
from convbias.linear.tasks import Task
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.theory.svd_estimate import error, mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs

SETTINGS = {"tasks": "linear.tasks[]", "d": (2, 10), "k": (1, 10), "n_train": [(1, 4)], "draws": "count"}

STEPS = 100
LARGEST = 1000  # of the entries of the initial weights, which are whole numbers


def curves(tasks: list[str], d: int, k: int, n_train: list[int], draws: int, root_seed: int) -> dict[str, list]:
    """Try every training set of these sizes, except for the order of its samples, on each task.

    Points with the same margin count as one. There are two kinds of cases:

    * ``never_zero``: a training set. It is a violation if M_tr is 0.
    * ``limit_of_errors``: a training set with a unique top singular pair, and one of ``draws`` initial w1, with w2 = 0.
      We take 100 steps of X-hinge with learning rate 1, exactly, in whole numbers. It is a failure if the test error is
      the same over their second half, but not that of the limit.

    Ref: wu2019, Footnote 1; Footnote 2
    """
    rows = []
    for n in n_train:
        zero, cases, failures = [], 0, 0
        for name in tasks:
            task = make_task(name, d)
            points = np.unique(task.distinct.of, return_index=True)[1]
            for index, sample in enumerate(combinations_with_replacement(points.tolist(), n)):
                matrix = mean_matrix(task, np.array(sample), k)
                zero.append(not matrix.any())
                if zero[-1] or top_singular_pairs(matrix).u.shape[1] > 1:
                    continue
                rng = stream(root_seed, "limit of errors", name, n, index)
                for _ in range(draws):
                    start = rng.integers(-LARGEST, LARGEST, size=k)
                    late = set(late_errors(task, np.rint(n * matrix).astype(int), start, n))
                    w1, w2 = limit_weights(matrix, start.astype(float), np.zeros(d))
                    cases += 1
                    failures += len(late) == 1 and late != {limit_error(task, w1, w2)}
        values = {
            "never_zero_cases": len(zero),
            "never_zero_violations": sum(zero),
            "limit_of_errors_cases": cases,
            "limit_of_errors_failures": failures,
        }
        rows += [
            {"quantity": quantity, "d": d, "k": k, "n_train": n, "value": value} for quantity, value in values.items()
        ]
    return columns(rows)


def late_errors(task: Task, matrix: Int[np.ndarray, "d k"], start: Int[np.ndarray, " k"], n: int) -> list[float]:
    """The test error after each of the steps of the second half, from w2 = 0, for n M_tr = ``matrix``.

    Each step multiplies the weights by n, which changes no sign, so that they are whole numbers.

    Ref: wu2019, Section 3.2 (the update); Footnote 2
    """
    whole = matrix.astype(object)  # Python's integers, which have no limit
    w1, w2 = start.astype(object), np.zeros(len(matrix), dtype=object)
    errors = []
    for step in range(STEPS):
        w1, w2 = n * w1 + whole.T @ w2, n * w2 + whole @ w1
        if 2 * step >= STEPS:
            w = np.array([sum(w1[j] * w2[l - j] for j in range(min(len(w1), l + 1))) for l in range(task.d)])
            margin = (w[task.position] * (task.x * task.y[:, None])).sum(axis=1)
            errors.append(float(((margin < 0) + 0.5 * (margin == 0)).mean()))
    return errors


def limit_error(task: Task, w1: Float[np.ndarray, " k"], w2: Float[np.ndarray, " d"]) -> float:
    """The test error of the limit, in which the direction decides whether an output is 0.

    Ref: wu2019, Footnote 2 (the error of the limit)
    """
    w = np.convolve(w1, w2)[: task.d] / np.linalg.norm(w1) / np.linalg.norm(w2)
    return error(np.concatenate([w, -w])[task.rows].sum(axis=1))
