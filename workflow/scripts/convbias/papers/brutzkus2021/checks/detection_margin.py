"""The squared norm of the shortest linear classifier of the whole support: from a solver, exact, and its bound.

Ref: brutzkus2021, Proposition 6.1
"""

from convbias.checks import columns
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.theory.detection_margin import full_support, max_margin_norm, max_margin_norm_bound

SETTINGS = {"n_patterns": [(1, 6)], "d": (3, 6)}


def curves(n_patterns: list[int], d: int, root_seed: int) -> dict[str, list]:
    """The three values for each n, with l = d patterns; nothing is drawn."""
    rows = []
    for n in n_patterns:
        weights = max_margin(full_support(n, d)).weights
        values = {"norm": weights @ weights, "norm_exact": max_margin_norm(n), "norm_bound": max_margin_norm_bound(n)}
        rows += [{"quantity": name, "d": d, "n_patterns": n, "value": value} for name, value in values.items()]
    return columns(rows)
