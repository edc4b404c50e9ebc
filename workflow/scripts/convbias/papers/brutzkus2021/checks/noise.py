"""The noise from which on the inputs are not linearly separable: exact, and by a solver from both sides.

Ref: brutzkus2021, Figure 3
"""

from convbias.checks import columns
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.theory.noise import noisy_support, separable_noise

SETTINGS = {"n_patterns": [(1, 5)], "l": (3, 4), "of_n_patterns": "patterns_per_input"}
NEAR = 0.01  # relative distance from the exact value at which the solver decides


def curves(n_patterns: list[int], l: int, of_n_patterns: int, root_seed: int) -> dict[str, list]:
    """``separable_noise`` for each n and for ``of_n_patterns``, and the cases in which a solver decides.

    A case is the finite set of inputs with noise along o_1 - o_2, a little below or above the exact value. The solver
    must find it separable below, and not separable above.
    """
    rows = [{"quantity": "separable_noise", "n_patterns": of_n_patterns, "value": separable_noise(of_n_patterns)}]
    for n in n_patterns:
        found = [
            max_margin(noisy_support(n, l, separable_noise(n) * factor)).separable for factor in (1 - NEAR, 1 + NEAR)
        ]
        values = {"noise_cases": 2, "noise_violations": (not found[0]) + found[1]}
        rows += [{"quantity": name, "n_patterns": n, "l": l, "value": value} for name, value in values.items()]
    return columns(rows)
