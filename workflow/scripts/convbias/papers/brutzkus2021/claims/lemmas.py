"""Theorem 4.2's network on many labellings, and the lemmas of the first layer on many filters.

Ref: brutzkus2021, Theorem 4.2; Lemma 5.3; Corollary 5.4; Lemma 5.5; Lemma C.1; Lemma C.2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted
from convbias.statistics.evidence import Evidence

TABLES = ("theory",)
COMMON = {"kind": "theorem", "threshold": "no violation", "figure": "brutzkus2021-lemmas"}
CLAIMS = {
    "brutzkus2021-thm4.2": {
        "quote": "Assume that d = 2n and n ≥ 2, then VCdim(H_CNN(X)) ≥ 2^(d/2-1)",
        "scope": "the support of D",
        "where": "Theorem 4.2",
        "statement": "A network with max-pooling shatters 2^(n-1) = 2^(d/2-1) inputs.",
        "statistic": "labels that the proof's network misses, of every labelling for n ≤ 5 and of random labellings "
        "above",
        "settings": {"prefix": "shattering_"},
    },
    "brutzkus2021-lemma5.3": {
        "quote": "The lemma shows that the projection of the filter on o_1 grows significantly, while the projection "
        "on other o_i remains small",
        "scope": "the settings of Theorem 5.1",
        "where": "Lemma 5.3",
        "statement": "Lucky positive filters grow along o_1, stay below r elsewhere, and detect o_1 at every step.",
        "statistic": "filters in W+ and A+, and steps of the first layer, at which one of the three statements fails",
        "settings": {"prefix": "lemma5.3_"},
    },
    "brutzkus2021-cor5.4": {
        "quote": 'By the symmetry of our setting we get by Lemma 5.3 a similar result for the "lucky" neurons that '
        "detect negative patterns",
        "scope": "the settings of Theorem 5.1",
        "where": "Corollary 5.4",
        "statement": "Lucky negative filters grow along o_2, stay below r elsewhere, and detect o_2 at every step.",
        "statistic": "filters in W- and A-, and steps of the first layer, at which one of the three statements fails",
        "settings": {"prefix": "cor5.4_"},
    },
    "brutzkus2021-lemma5.5": {
        "quote": "For all 1 ≤ t ≤ T_1, 1 ≤ i ≤ k, 1 ≤ j ≤ d and x sampled from D, it holds that x[j] · w_i^(t) ≤ 2 "
        "η_1 t",
        "scope": "the settings of Theorem 5.1",
        "where": "Lemma 5.5",
        "statement": "After t steps of the first layer, no filter responds to a pattern by more than 2 η₁ t.",
        "statistic": "filters, patterns and steps t ≥ 1 at which o_j w > 2 η₁ t",
        "settings": {"prefix": "lemma5.5_"},
    },
    "brutzkus2021-lemmaC.1": {
        "quote": "For all 0 ≤ t ≤ T_1 and all 1 ≤ i ≤ k, ||w_i^(t)|| ≤ η_1(t+1)",
        "scope": "the settings of Theorem 5.1",
        "where": "Lemma C.1",
        "statement": "After t steps of the first layer, no filter has a norm above η₁ (t + 1).",
        "statistic": "filters and steps at which the norm is larger",
        "settings": {"prefix": "lemmaC.1_"},
    },
    "brutzkus2021-lemmaC.2": {
        "quote": "For all x ∈ S_1 and 0 ≤ t ≤ T_1 |N_CNN[(W^(t), a^(0))](x)| ≤ 1/2",
        "scope": "the settings of Theorem 5.1",
        "where": "Lemma C.2",
        "statement": "While the first layer is trained, no output on S₁ is beyond ±1/2.",
        "statistic": "inputs of S₁ and steps at which |N(x)| > 1/2",
        "settings": {"prefix": "lemmaC.2_"},
    },
}


def evidence(tables: Tables, experiments: list[str], prefix: str) -> Evidence:
    """One check with the counted cases and the violations among them.

    Ref: brutzkus2021, Theorem 4.2; Lemma 5.3; Corollary 5.4; Lemma 5.5
    """
    return [counted(tables["theory"], experiments, prefix)]
