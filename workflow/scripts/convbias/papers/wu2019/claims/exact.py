"""Claims that are checked case by case, and fail if a single case violates them.

Ref: wu2019, Section 1; Section 2.1; Section 3.2; Section 3.3.1; Section 3.3.2; Section 5; Lemma 1; Theorem 2
Ref: wu2019, Theorem 4; Lemma 5; Proposition 6; Footnote 1
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
    "wu2019-fully-connected": {
        "kind": "extension",
        "scope": "Task-Cls; any depth, activation, loss and step; training that treats both signs alike",
        "where": "Section 1 (extended)",
        "statement": "On Task-Cls, fully connected ReLU networks have a mean error of 1/2 where there is no sample.",
        "note": "So no fully connected network has a mean error below 1/2 (1-1/d)^n (Li, Zhang and Arora, ICLR 2021, "
        "Example 1). Negating the initial columns of W1 at these positions swaps the outputs at e_j and -e_j, and "
        "changes nothing else. The network and its twin then misclassify two of their four outputs there.",
        "statistic": "networks of depth 2 and 3, trained by gradient descent and by Adam, that are not, bit for bit, "
        "as the network from these other initial weights requires; or whose mean error with it is not 1/2 at these "
        "positions",
        "figure": "wu2019-fully-connected",
        "settings": {"prefixes": ["twins_relu_gd_2_", "twins_relu_adam_2_", "twins_relu_gd_3_", "twins_relu_adam_3_"]},
    },
    "wu2019-first-filter": {
        "quote": "let w1 = [1, 0, ..., 0] and w2 = w, which also gives a solution for Model-Conv-k but has no "
        "generalization advantage",
        "scope": "any solution w of Model-1-Layer",
        "where": "Section 1",
        "statement": "With w1 = [1, 0, ..., 0] and w2 = w of a trained Model-1-Layer, Model-Conv-k has no advantage.",
        "statistic": "trained networks for which this Model-Conv-k has another effective weight, another test error or "
        "a positive training loss",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["first_filter_"]},
    },
    "wu2019-random-labels": {
        "quote": "If we randomly flip the label for each data point independently then all models will have the same "
        "generalize performance on unseen samples",
        "scope": "a fair coin for each point of the dataset",
        "where": "Section 1",
        "statement": "With random labels, all models have the same expected error on unseen samples.",
        "note": "It is 1/2. If all points outside the training set get the other label, training is the same, and the "
        "errors on these points have the sum 1. A training set may not be separable, so training takes a fixed number "
        "of steps.",
        "statistic": "trained networks that are not, bit for bit, as the network with these other labels requires; or "
        "whose two errors on unseen points do not have the sum 1",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["random_labels_one_layer_", "random_labels_two_layer_", "random_labels_conv_"]},
    },
    "wu2019-never-zero": {
        "quote": "the data distribution D satisfies Pr(M_tr = 0) = 0 for any n_tr > 0, which is true in all of our "
        "examples",
        "scope": "the three tasks",
        "where": "Section 3.2, footnote 1",
        "statement": "M_tr is never 0 on the three tasks.",
        "note": "This is so on every task that some w separates: the mean of y x has a positive product with w, so "
        "that the first column of M_tr is not 0.",
        "statistic": "training sets of up to 3 samples, among all with d = 4 and k = 2, with M_tr = 0",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["never_zero_"]},
    },
    "wu2019-looser-bound": {
        "quote": "To get a cleaner form that is independent of l, we can either further upper bound it by ((d-k)/d)^n",
        "scope": "Task-Cls, any d and k",
        "where": "Section 3.3.1",
        "statement": "At each position, the probability that all samples are k or more away is at most ((d-k)/d)^n.",
        "statistic": "positions with more than d - k positions that are k or more away, for all lengths up to 30 and "
        "all k, and for d = 100 and k = 5",
        "figure": "wu2019-fig4",
        "settings": {"prefixes": ["looser_bound_"]},
    },
    "wu2019-smallest-norm": {
        "quote": "the linear classifier with the maximum margin or minimum norm will place 0 on the weights where "
        "there are no training samples",
        "scope": "Task-Cls, as an example; the two other tasks, too",
        "where": "Section 5",
        "statement": "The linear classifiers of maximum margin and of minimum norm have weights 0 without samples.",
        "note": "We read minimum norm as the shortest w with w'x = y, or the shortest least-squares solution. Both "
        "classifiers are combinations of the samples, which are 0 at these positions.",
        "statistic": "training sets on which a weight is above 1e-9 of the largest at a position where all samples "
        "are 0",
        "figure": "wu2019-fig2",
        "settings": {"prefixes": ["max_margin_", "min_norm_"]},
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
    "wu2019-exact-limit": {
        "scope": "Task-Cls",
        "kind": "extension",
        "where": "Theorem 4 (extended)",
        "statement": "On Task-Cls, the positions of the samples fix the error of the X-hinge limit if σ₁ is simple.",
        "note": "Two columns of M_tr are connected if M'M has a positive entry for them. The columns connected to the "
        "first one attain σ₁. So the error is half the proportion of positions that they do not reach. The positions "
        "also tell whether σ₁ is simple. If it is not, they give two bounds. Theorem 4 covers a connected M'M. This "
        "does not extend to Task-1stCtrl, where samples of the two halves have opposite signs.",
        "statistic": "training sets whose positions do not tell whether σ₁ is simple; or whose expected error is "
        "outside the bounds, which are equal if σ₁ is simple, by more than 1e-9",
        "figure": "wu2019-fig5",
        "settings": {"prefixes": ["exact_limit_"]},
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

    Ref: wu2019, Section 1; Section 2.1; Section 3.2; Section 3.3.1; Section 3.3.2; Section 5; Lemma 1; Theorem 2
    Ref: wu2019, Theorem 4; Lemma 5; Proposition 6; Footnote 1
    """
    return [counted(tables["theory"], experiments, prefix) for prefix in prefixes]
