"""The limit's error on Task-Cls is bounded by the probability that M'M is not primitive and by what no sample is near.

Ref: wu2019, Theorem 4
"""

from convbias.claims import Tables
from convbias.papers.wu2019.theory.neighbours import limit_error_bound, no_pair_probability
from convbias.statistics.comparison import at_each_size, counted, excess, rows_of
from convbias.statistics.evidence import LEVEL, Check, Evidence

TABLES = ("asymptotics", "theory")
COMMON = {
    "kind": "exact",
    "statistic": "training sets with M'M primitive whose SVD estimate is above Err_2; "
    "sizes n at which its mean is above Err_1 + Err_2, by a test at 5 % over all n",
    "threshold": "no such case",
    "figure": "wu2019-fig4",
}
CLAIMS = {
    "wu2019-thm4": {
        "where": "Theorem 4",
        "statement": "On Task-Cls Err_1 + Err_2 bounds the limit's error, Err_2 where M'M is primitive.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """A check of the training sets one by one, and one of the mean at each sample size, Err_1 being Lemma 5's.

    The second is no test of its own: at large n both sides are 0 to within what any number of training sets can tell.

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
