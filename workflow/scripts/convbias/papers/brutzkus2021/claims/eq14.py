"""Both classes are balanced in S_1 as often as promised.

Ref: brutzkus2021, Equation 14
"""

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "exact probability that a third of S_1 or more is positive, and a third or more negative",
    "threshold": "at least 1 - 4 exp(-m/36) for each m",
    "figure": "brutzkus2021-lemmas",
}
CLAIMS = {
    "brutzkus2021-eq14": {
        "quote": "This holds with probability at least 1 - 4e^(-m/36) by applying Hoeffding's inequality",
        "scope": "every m; the promise is above 0 from m = 50 on",
        "where": "Equation 14",
        "statement": "With probability 1 - 4 exp(-m/36), at least a third of S₁ is positive, and a third negative.",
        "note": "The paper prints |S_1^+| / m_1 ≥ m_1 / 3, which no set of more than three samples satisfies. Its "
        "proof uses 1/3.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """One check with a case for each m; its number is the smallest distance from the promise.

    Ref: brutzkus2021, Equation 14
    """
    values = quantities(tables["theory"], experiments, ("balanced", "balanced_promised"), "n_train")["value"]
    above = values["balanced"] - values["balanced_promised"]
    return [
        Check("probability is at least the promised one", len(above), int((~(above >= 0)).sum()), float(above.min()))
    ]
