"""Claims that are checked case by case, and fail if a single case violates them.

Ref: wu2019, Section 2.1; Section 3.2; Lemma 1; Lemma 5; Proposition 6
"""

from collections.abc import Sequence

from convbias.claims import Tables
from convbias.statistics.comparison import counted
from convbias.statistics.evidence import Evidence

TABLES = ("theory",)
COMMON = {"kind": "theorem", "threshold": "no violation"}
CLAIMS = {
    "wu2019-same-capacity": {
        "quote": "Model-1-Layer and Model-Conv-k represent exactly the same set of functions",
        "scope": "any d and k",
        "where": "Section 1",
        "statement": "Model-Conv-k and Model-1-Layer represent exactly the same set of functions.",
        "statistic": "networks of one model without a network of the other that has the same output on every input",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["capacity_"]},
    },
    "wu2019-closed-form": {
        "quote": "We derive a closed form weight dynamics under gradient descent with a modified hinge loss",
        "scope": "X-hinge, any number of steps",
        "where": "Section 3.2, appendix",
        "statement": "Under X-hinge, the weights after any number of steps have a closed form.",
        "statistic": "trained networks whose weights differ from the formula by more than 1e-9 of the largest weight",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["closed_form_"]},
    },
    "wu2019-lemma1": {
        "quote": "Lemma 1 says that w1^t converges to the same direction as v while w2^t converges to the same "
        "direction as u",
        "scope": "X-hinge, w2 = 0 at first, σ₁ > 0",
        "where": "Lemma 1",
        "statement": "Under X-hinge, (w1, w2) converges in direction to the top singular pair, at the rate σ₂/σ₁.",
        "statistic": "networks that do not reach the limit, or not at the rate (1 + α σ₂)/(1 + α σ₁) per step, up to 5 "
        "%",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["limit_", "rate_"]},
    },
    "wu2019-lemma5": {
        "quote": "If Ω̃tr happens then M'M is primitive",
        "scope": "Task-Cls, two adjacent positions in the training set after k",
        "where": "Lemma 5",
        "statement": "On Task-Cls, M'M is primitive if the training set has two adjacent positions after k.",
        "statistic": "training sets with such a pair in which M'M is not primitive, among drawn sets and all small "
        "sets",
        "figure": "wu2019-fig4",
        "settings": {"prefixes": ["lemma_"]},
    },
    "wu2019-prop6": {
        "quote": "there is no generalization advantage for Model-Conv-k compared to Model-1-Layer",
        "scope": "Task-Cls, samples 2k or more apart and after k, Gaussian w1",
        "where": "Proposition 6",
        "statement": "If samples are 2k or more apart, Model-Conv-k has no advantage over Model-1-Layer on Task-Cls.",
        "note": "The printed condition is on any l and l'. We read it as any two different ones.",
        "statistic": "such training sets on which the expected errors of the X-hinge limit and of Model-1-Layer differ "
        "by more than 1e-9",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["sparseness_"]},
    },
}


def evidence(tables: Tables, experiments: list[str], prefixes: Sequence[str]) -> Evidence:
    """A check for each kind of case that the theory table counts.

    Ref: wu2019, Section 2.1; Section 3.2; Lemma 1; Lemma 5; Proposition 6
    """
    return [counted(tables["theory"], experiments, prefix) for prefix in prefixes]
