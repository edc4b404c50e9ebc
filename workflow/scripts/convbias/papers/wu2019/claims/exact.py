"""Statements that theory's curves check case by case: none may be violated.

Ref: wu2019, Section 2.1; Lemma 1; Lemma 5; Proposition 6
"""

from collections.abc import Sequence

from convbias.claims import Tables
from convbias.statistics.comparison import counted
from convbias.statistics.evidence import Evidence

TABLES = ("theory",)
COMMON = {"kind": "exact", "threshold": "no such case"}
CLAIMS = {
    "wu2019-same-capacity": {
        "where": "Section 1",
        "statement": "Model-Conv-k and Model-1-Layer represent exactly the same set of functions.",
        "statistic": "networks of either model without one of the other that has the same output on every input",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["capacity_"]},
    },
    "wu2019-closed-form": {
        "where": "Section 3.2, appendix",
        "statement": "Under X-hinge the weights after any number of steps have a closed form.",
        "statistic": "trained networks whose weights are not those of the formula, to 1e-9 of the largest",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["closed_form_"]},
    },
    "wu2019-lemma1": {
        "where": "Lemma 1",
        "statement": "Under X-hinge (w1, w2) converges to the top singular pair's direction at the rate σ₂/σ₁.",
        "statistic": "networks that do not reach the limit, or not at the rate (1 + α σ₂)/(1 + α σ₁) a step, to 5 %",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["limit_", "rate_"]},
    },
    "wu2019-lemma5": {
        "where": "Lemma 5",
        "statement": "On Task-Cls two adjacent positions after k in the training set make M'M primitive.",
        "statistic": "training sets with such a pair in which M'M is not primitive: drawn ones, and all small ones",
        "figure": "wu2019-fig4",
        "settings": {"prefixes": ["lemma_"]},
    },
    "wu2019-prop6": {
        "where": "Proposition 6",
        "statement": "Where samples are 2k or more apart, conv has no advantage over one layer on Task-Cls.",
        "note": "In print the condition is on any l and l'; it is meant for different ones.",
        "statistic": "such training sets on which the limit's expected error is not that of one layer, to 1e-9",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["sparseness_"]},
    },
}


def evidence(tables: Tables, experiments: list[str], prefixes: Sequence[str]) -> Evidence:
    """A check for each count that theory's table has.

    Ref: wu2019, Section 2.1; Lemma 1; Lemma 5; Proposition 6
    """
    return [counted(tables["theory"], experiments, prefix) for prefix in prefixes]
