"""Lemma 5.2's bounds for fewer patterns than dimensions.

Ref: brutzkus2021, Lemma 5.2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "exact probability that a count of lucky filters is not in [k/4d, k/d], for d = 20 and each l",
    "threshold": "at most 4 exp(-d)",
    "figure": "brutzkus2021-lemmas",
}
CLAIMS = {
    "brutzkus2021-lemma5.2-fewer": {
        "quote": "With probability at least 1 - 4e^(-d): k/4d ≤ |W_0^+ ∩ A^+|, |W_0^- ∩ A^-| ≤ k/d",
        "scope": "k > 8 d³, and 3 ≤ l ≤ d patterns as in Section 3",
        "over": "l",
        "where": "Lemma 5.2",
        "statement": "With fewer patterns than dimensions, too, between k/4d and k/d filters are lucky.",
        "note": "The proof takes l = d. A filter is lucky with probability (1 - 2^(1-l)) / (2(l-1)), whatever d is. "
        "With l for d the lemma holds for every l: this is the other claim on Lemma 5.2.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """One check for each l.

    Ref: brutzkus2021, Lemma 5.2
    """
    values = quantities(tables["theory"], experiments, ("fewer_outside", "fewer_promised"), "l")["value"]
    outside, promised = values["fewer_outside"], values["fewer_promised"]
    return [
        Check(f"probability of being out of bounds, l = {l:g}", 1, int(not outside[l] <= promised[l]), outside[l])
        for l in values.index
    ]
