"""With noise on the patterns, the distribution is not linearly separable.

Ref: brutzkus2021, Figure 3
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted, rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "the noise 1 / (√2 n) from which on no hyperplane separates all inputs, and solver runs on both sides",
    "threshold": "at most {noise}, the noise of Figure 3 (b); no run on the wrong side",
    "figure": "brutzkus2021-fig3",
    "settings": {"noise": 1},
}
CLAIMS = {
    "brutzkus2021-fig3b-population": {
        "quote": "The resulting data is not linearly separable",
        "scope": "all inputs with noise of norm up to 1, n = 10",
        "where": "Figure 3 (b), its caption",
        "statement": "With noise of norm up to 1, no hyperplane separates all inputs of the distribution.",
    },
}


def evidence(tables: Tables, experiments: list[str], noise: float) -> Evidence:
    """A check of the exact number, and one of the solver's cases.

    Ref: brutzkus2021, Figure 3 (its caption)
    """
    largest = rows_of(tables["theory"], experiments, quantity="separable_noise")["value"]
    return [
        Check(
            "largest separable noise is at most that of the figure",
            len(largest),
            int((~(largest <= noise)).sum()),
            float(largest.max()),
        ),
        counted(tables["theory"], experiments, "noise_"),
    ]
