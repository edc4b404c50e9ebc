"""Claims that are checked case by case, and fail if a single case violates them.

Ref: wu2019, Section 1; Section 2.1; Section 3.2; Section 3.3.2; Lemma 1; Theorem 2; Lemma 5; Proposition 6
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
    "wu2019-one-layer-exact": {
        "quote": "it is guaranteed to be correctly classified only if ±e_i appears in the training set, otherwise it "
        "has only a half chance to be correctly classified due to random initialization",
        "scope": "weights initialised independently, with a distribution centred on 0",
        "where": "Section 3.3.2",
        "statement": "The mean test error of Model-1-Layer is 1/2 ((d-1)/d)^n on Task-Cls and on Task-1stCtrl.",
        "note": "Negating the initial weights at all positions without a sample flips the predictions there, and "
        "changes nothing else. So the mean error is half the proportion of these positions, which is ((d-1)/d)^n on "
        "average.",
        "statistic": "trained networks that are not, bit for bit, as the network from these other initial weights "
        "requires; or whose mean error with it is not half the proportion",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["twins_one_layer_"]},
    },
    "wu2019-two-layer": {
        "quote": "This model has the same generalization behavior as a single-layer linear classifier in all of our "
        "experiments",
        "scope": "Task-Cls and Task-1stCtrl, where it is a theorem",
        "where": "Section 1",
        "statement": "A fully connected linear network with two layers generalises like Model-1-Layer on Task-Cls and "
        "Task-1stCtrl.",
        "note": "Negating the initial columns of W1 at all positions without a sample flips the predictions there, and "
        "changes nothing else. So the mean error is half the proportion of these positions, as for Model-1-Layer.",
        "statistic": "trained networks that are not, bit for bit, as the network from these other initial weights "
        "requires; or whose mean error with it is not half the proportion",
        "figure": "wu2019-variants",
        "settings": {"prefixes": ["twins_one_layer_", "twins_two_layer_"]},
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
    "wu2019-thm2": {
        "quote": "In this case Theorem 2 holds with equality and we can remove the min operator",
        "scope": "Gaussian w1, w2 = 0 at first; equality if the top singular pair is unique",
        "where": "Theorem 2, Section 3.2",
        "statement": "The SVD estimate bounds the expected error of the X-hinge limit, with equality if σ₁ is simple.",
        "statistic": "training sets on which the limit from drawn initial weights, or its expected error, is above the "
        "estimate; or, if σ₁ is simple, differs from it",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["bound_", "unique_"]},
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
        "note": "The printed condition is on any l and l'. We read it as any two different ones. For each position "
        "without a sample, other signs of the initial weights flip its prediction, and leave the training as it is. So "
        "the mean error at such a position is 1/2, as for Model-1-Layer.",
        "statistic": "training sets on which the expected errors of the X-hinge limit and of Model-1-Layer differ by "
        "more than 1e-9; networks trained with the hinge loss that do not flip, bit for bit, at such a position",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["sparseness_", "twins_sparse_"]},
    },
    "wu2019-prop6-spacing": {
        "scope": "Task-Cls",
        "kind": "extension",
        "where": "Proposition 6 (extended)",
        "statement": "Samples 2k - 1 or more apart, also before k, give Model-Conv-k no advantage on Task-Cls.",
        "note": "Our extension: the paper requires 2k, and positions from k on. The identity holds for every loss of "
        "the margin, every step, and every law of the initial weights that does not change if a weight is negated.",
        "statistic": "networks trained with the hinge loss that do not flip, bit for bit, at a position without a "
        "sample",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["twins_spaced_"]},
    },
}


def evidence(tables: Tables, experiments: list[str], prefixes: Sequence[str]) -> Evidence:
    """A check for each kind of case that the theory table counts.

    Ref: wu2019, Section 1; Section 2.1; Section 3.2; Section 3.3.2; Lemma 1; Theorem 2; Lemma 5; Proposition 6
    """
    return [counted(tables["theory"], experiments, prefix) for prefix in prefixes]
