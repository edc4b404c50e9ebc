"""How often both classes are balanced in S_1: exact and promised, for each size of a training set.

Ref: brutzkus2021, Equation 14
"""

from convbias.checks import columns
from convbias.papers.brutzkus2021.theory.balance import balance_probability, balance_promised

SETTINGS = {"n_train": [(2, 100_000)]}


def curves(n_train: list[int], root_seed: int) -> dict[str, list]:
    """``balanced`` and ``balanced_promised`` for each m; nothing is drawn."""
    rows = []
    for m in n_train:
        values = {"balanced": balance_probability(m), "balanced_promised": balance_promised(m)}
        rows += [{"quantity": name, "n_train": m, "value": value} for name, value in values.items()]
    return columns(rows)
