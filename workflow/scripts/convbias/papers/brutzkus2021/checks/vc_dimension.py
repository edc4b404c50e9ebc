"""The exact VC dimension, and the proofs of it by rank and determinant in exact arithmetic.

Ref: brutzkus2021, Theorem 4.2
"""

import numpy as np

from convbias.checks import columns
from convbias.papers.brutzkus2021.theory import vc_dimension as vc
from convbias.papers.brutzkus2021.theory.shattering import shattered_points

SETTINGS = {"n_patterns": [(2, 20)], "small_n": [(1, 6)], "small_l": [(3, 9)]}
DETERMINANTS = range(2, 8)  # n of Theorem 4.2's points; a matrix has 2^(n-1) rows


def curves(n_patterns: list[int], small_n: list[int], small_l: list[int], root_seed: int) -> dict[str, list]:
    """For each n, with l = d = 2n patterns: ``vc_dimension`` and ``vc_sequences``, exact, and the paper's ``vc_bound``.

    A case of ``vc_cases`` is a domain for one small n and l: the support of D, or all sequences. Of all its inputs, the
    features of the network are computed. It is a violation if their different rows do not number the exact value, or
    are not linearly independent. A case of ``determinant_cases`` is Theorem 4.2's set of points for one n, and a
    violation that its determinant is not 2^(n-1) - 1.
    """
    rows = []
    for n in n_patterns:
        values = {
            "vc_dimension": vc.vc_dimension(n, 2 * n),
            "vc_sequences": vc.vc_dimension_of_sequences(n, 2 * n),
            "vc_bound": vc.vc_bound(2 * n),
        }
        rows += [{"quantity": name, "d": 2 * n, "n_patterns": n, "value": value} for name, value in values.items()]
    for n in small_n:
        for l in small_l:
            wrong = 0
            for any_sequence, exact in ((False, vc.vc_dimension(n, l)), (True, vc.vc_dimension_of_sequences(n, l))):
                drawn = vc.drawn_inputs(n, l, any_sequence)
                different = np.unique(vc.set_features(drawn, l), axis=0)
                wrong += not len(different) == vc.rank_modulo(different) == exact
            for name, value in (("vc_cases", 2), ("vc_violations", wrong)):
                rows.append({"quantity": name, "n_patterns": n, "l": l, "value": value})
    for n in DETERMINANTS:
        found = abs(vc.determinant(vc.proof_matrix(shattered_points(n), 2 * n)))
        for name, value in (("determinant_cases", 1), ("determinant_violations", found != 2 ** (n - 1) - 1)):
            rows.append({"quantity": name, "d": 2 * n, "n_patterns": n, "value": value})
    return columns(rows)
