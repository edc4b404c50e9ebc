"""The exact first term of Theorem 4 against its bound, and the exact error of the limit against Model-1-Layer.

Ref: wu2019, Section 3.3.1; Section 3.3.2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import quantities, rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "extension", "scope": "Task-Cls, d = 100, k = 5, n up to 300", "figure": "wu2019-fig4"}
CLAIMS = {
    "wu2019-exact-primitive": {
        "where": "Section 3.3.1 (extended)",
        "statement": "M'M fails to be primitive at most as often as Lemma 5 allows, and is of lower order as n grows.",
        "statistic": "the exact probability that M'M is not primitive, and Err_1, at each n; and the bases of both: as "
        "n grows, each falls like its base to the power of n, up to a factor",
        "threshold": "the probability is at most Err_1 at each n, and its base is smaller",
        "note": "A transfer matrix counts the training sets, so no number is an estimate. The base is the size of the "
        "largest set of positions that is not primitive, over d.",
        "settings": {"lower": "not_primitive", "upper": "lemma_5", "smallest": 1, "base": True},
    },
    "wu2019-exact-advantage": {
        "where": "Section 3.3.2 (extended)",
        "statement": "The expected error of the X-hinge limit is below that of Model-1-Layer from two samples on.",
        "statistic": "the upper bound on the expected error of the limit, and the error of Model-1-Layer, at each n "
        "from {smallest} on",
        "threshold": "the bound is at most the error at each n",
        "note": "Theorem 4 shows an advantage only from n = 13 on. Here the error of the limit is exact, or within "
        "bounds if the top singular value is degenerate.",
        "settings": {"lower": "limit_high", "upper": "one_layer", "smallest": 2},
    },
}


def evidence(
    tables: Tables, experiments: list[str], lower: str, upper: str, smallest: int, base: bool = False
) -> Evidence:
    """One check over all n that one curve is at most the other and, with ``base``, one of the bases.

    Ref: wu2019, Section 3.3.1; Section 3.3.2
    """
    value = quantities(tables["theory"], experiments, [lower, upper], by="n_train")["value"]
    value = value[value.index >= smallest]
    ratio = value[lower] / value[upper]
    detail = ", ".join(f"ratio {ratio[n]:.3g} at n = {n:g}" for n in dict.fromkeys((ratio.idxmax(), ratio.idxmin())))
    checks = [Check("at each n", len(value), int((value[lower] > value[upper]).sum()), float(ratio.max()), detail)]
    if base:
        own, other = (
            float(rows_of(tables["theory"], experiments, quantity=f"{name}_base")["value"].iloc[0])
            for name in (lower, upper)
        )
        checks.append(Check("as n grows", 1, int(not own < other), own / other, f"bases {own:g} and {other:g}"))
    return checks
