"""Err_1 + Err_2 bounds the error of the X-hinge limit on Task-Cls, and Err_2 does if M'M is primitive.

Ref: wu2019, Theorem 4
"""

from convbias.claims import Tables
from convbias.papers.wu2019.theory.neighbours import limit_error_bound, no_pair_probability
from convbias.statistics.comparison import at_each_size, counted, excess, rows_of
from convbias.statistics.evidence import LEVEL, Check, Evidence

TABLES = ("asymptotics", "theory")
COMMON = {
    "kind": "theorem",
    "statistic": "training sets with M'M primitive whose SVD estimate is not Err_2; sizes n whose mean "
    "estimate is above Err_1 + Err_2, by a test at the 5 % level over all n",
    "threshold": "no violation",
    "figure": "wu2019-fig4",
}
CLAIMS = {
    "wu2019-thm4": {
        "quote": "The asymptotic generalization error defined in (3) can be upper bounded by E∞Convk ≤ Pr(Ωᶜ(M'M)) + "
        "½ E_l[Pr(∀l' ∈ S_tr, |l' − l| ≥ k)]",
        "scope": "Task-Cls",
        "where": "Theorem 4",
        "statement": "On Task-Cls, Err_1 + Err_2 bounds the error of the X-hinge limit. It is Err_2 if M'M is "
        "primitive.",
        "note": "The paper states Err_2 as a bound. The error equals it: the top singular pair is then positive, so "
        "only positions that are k or more away from all samples are left to chance.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """One check of single training sets, and one of the mean at each sample size, with Lemma 5's Err_1.

    The second is a check, not a test. At large n both sides are so close to 0 that no number of training sets could
    tell them apart.

    Ref: wu2019, Theorem 4
    """
    limits = rows_of(tables["asymptotics"], experiments, task="cls")
    d, k = (int(limits[name].iloc[0]) for name in ("d", "k"))
    pairs = excess(limits, lambda n: limit_error_bound(no_pair_probability(d, k, n), d, k, n))
    tests = at_each_size(pairs, below=0)
    above = [test for test in tests if test.p_contradicts < LEVEL / len(tests)]
    return [
        counted(tables["theory"], experiments, "theorem_"),
        Check("sizes at which the mean is above the bound", len(tests), len(above)),
    ]
