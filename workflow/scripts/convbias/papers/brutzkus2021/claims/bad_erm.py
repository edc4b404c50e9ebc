"""A network of Equation 1 without training errors can fail on almost all inputs.

Ref: brutzkus2021, Section 4
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted, quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "test error of a network that is right on the pattern sets of the training set and wrong elsewhere",
    "threshold": "above {error} at each sample size of Figure 3 (our threshold); all outputs as constructed",
    "figure": "brutzkus2021-lemmas",
    "settings": {"error": 0.5},
}
CLAIMS = {
    "brutzkus2021-bad-erm": {
        "quote": "the network can separate datasets of size up to exponential in d, and can thus potentially overfit "
        "badly",
        "scope": "orthogonal patterns, l = d = 20, n = 10; any number of channels",
        "where": "Section 4",
        "statement": "Some network without training errors is worse than chance on new inputs.",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float) -> Evidence:
    """One check with a case for each input, and one with a case for each sample size.

    Ref: brutzkus2021, Section 4 (can thus potentially overfit badly)
    """
    errors = quantities(tables["theory"], experiments, ("bad_erm_error",), "n_train")["value"]["bad_erm_error"]
    return [
        Check("test error at each sample size", len(errors), int((~(errors > error)).sum()), float(errors.min())),
        counted(tables["theory"], experiments, "bad_erm_"),
    ]
