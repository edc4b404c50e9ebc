"""The exact VC dimension of the network with max-pooling, and Theorem 4.2's bound.

Ref: brutzkus2021, Theorem 4.2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted, quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "extension", "where": "Theorem 4.2 (extended)", "figure": "brutzkus2021-capacity"}
CLAIMS = {
    "brutzkus2021-vc-dimension": {
        "scope": "the support of D; for the bound, l = d = 2n",
        "statement": "The VC dimension is the number of pattern sets that an input can have, at least the bound "
        "squared.",
        "statistic": "small sizes at which the rank of all features is another number; points of Theorem 4.2 whose "
        "determinant is not 2^(n-1) - 1; d at which the exact value is below the square of 2^(d/2-1)",
        "threshold": "none",
        "note": "The network may have any number of channels.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """A check of the ranks, one of the determinants, and one with a case for each d.

    Ref: brutzkus2021, Theorem 4.2 (the exact value)
    """
    theory = tables["theory"]
    values = quantities(theory, experiments, ("vc_dimension", "vc_bound"), "d")["value"]
    ratio = values["vc_dimension"] / values["vc_bound"] ** 2
    return [
        counted(theory, experiments, "vc_"),
        counted(theory, experiments, "determinant_"),
        Check("square of the bound", len(ratio), int((~(ratio >= 1)).sum()), float(ratio.min())),
    ]
