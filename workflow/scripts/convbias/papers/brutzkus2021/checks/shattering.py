"""Check Theorem 4.2's network on all labellings of its points, or on many random ones.

Ref: brutzkus2021, Theorem 4.2
"""

from convbias.checks import columns
from convbias.draws import stream
from convbias.papers.brutzkus2021.theory.shattering import every_labelling, random_labellings, shattering

SETTINGS = {"n_patterns": [(2, 10)], "draws": "count"}

ALL_UP_TO = 5  # patterns; with 6 there are 2^32 labellings


def curves(n_patterns: list[int], draws: int, root_seed: int) -> dict[str, list]:
    """For each n: the points, ``shattering_cases``, ``shattering_violations`` and ``shattering_deviation``.

    Cases are labels, and violations are labels that the network misses. The deviation is the largest |N(x) - y|. For n
    up to 5, every labelling of the 2^(n-1) points is tried; for larger n, ``draws`` random ones.
    """
    rows = []
    for n in n_patterns:
        rng = stream(root_seed, "labellings", "orthogonal", n, 0)
        result = shattering(n, every_labelling(n) if n <= ALL_UP_TO else random_labellings(n, draws, rng))
        values = {
            "points": 2 ** (n - 1),
            "shattering_cases": result.cases,
            "shattering_violations": result.violations,
            "shattering_deviation": result.largest_difference,
        }
        for quantity, value in values.items():
            rows.append({"quantity": quantity, "d": 2 * n, "k": 2**n, "n_patterns": n, "value": value})
    return columns(rows)
