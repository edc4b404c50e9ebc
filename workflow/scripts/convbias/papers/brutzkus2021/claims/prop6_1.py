"""No linear classifier with margin 1 on all inputs has a norm below the square root of n.

Ref: brutzkus2021, Proposition 6.1
"""

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "squared norm of the max-margin classifier of all inputs, from a solver, for each n",
    "threshold": "at least n, and equal to 2n, its exact value, up to a relative error of {tolerance:g}",
    "figure": "brutzkus2021-lemmas",
    "settings": {"tolerance": 1e-6},
}
CLAIMS = {
    "brutzkus2021-prop6.1": {
        "quote": "Next we show that the lowest norm is at least √n",
        "scope": "linear classifiers with margin 1 on all inputs of D",
        "where": "Proposition 6.1",
        "statement": "The shortest linear classifier with margin 1 on all inputs has a squared norm of n or more.",
    },
}


def evidence(tables: Tables, experiments: list[str], tolerance: float) -> Evidence:
    """Two checks with a case for each n: one against the bound, and one against the exact value.

    Ref: brutzkus2021, Proposition 6.1
    """
    norms = quantities(tables["theory"], experiments, ("norm", "norm_exact", "norm_bound"), "n_patterns")["value"]
    ratio, deviation = norms["norm"] / norms["norm_bound"], abs(norms["norm"] / norms["norm_exact"] - 1)
    short, other = ~(ratio >= 1 - tolerance), ~(deviation <= tolerance)
    return [
        Check("squared norm at least n", len(norms), int(short.sum()), float(ratio.min())),
        Check("squared norm equal to 2n", len(norms), int(other.sum()), float(deviation.max())),
    ]
