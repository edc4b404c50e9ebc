"""The first term of Theorem 4, Err_1, is of lower order than the second, Err_2.

Ref: wu2019, Figure 4; Section 3.3.1
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {
    "kind": "result",
    "statistic": "the bases of the terms: as n grows, each falls like its base to the power of n, up to a factor",
    "threshold": "the base of Err_1 is below that of Err_2, in the paper's approximation and exactly",
    "figure": "wu2019-fig4",
}
CLAIMS = {
    "wu2019-fig4-order": {
        "quote": "has a lower order than the quantity ((d-2k+1)/d)^n as n goes larger",
        "scope": "Task-Cls",
        "where": "Section 3.3.1, Figure 4 (a)",
        "statement": "The probability of no adjacent pair, Err_1, is of lower order than Err_2 as n grows.",
        "note": "With k of 2 or more, the bases are (k - 2 + ⌈(d - k + 2)/2⌉)/d for Err_1, (d - k)/d for Err_2 and "
        "(d - 2k + 1)/d for its approximation. So the claim needs a filter that is not too wide: about k < (d + 4)/5, "
        "and k < (d + 2)/3 with the exact Err_2.",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """One check against the approximation and one against Err_2. The estimate is the ratio of the two bases.

    Ref: wu2019, Figure 4; Section 3.3.1
    """
    sub_tests = []
    for title, name, suffix in ("the plotted Err_2", "err_2_approximation", ""), ("the exact Err_2", "err_2", "_exact"):
        err_1, err_2, widest = (
            float(rows_of(tables["theory"], experiments, quantity=quantity)["value"].iloc[0])
            for quantity in ("err_1_base", f"{name}_base", f"order_widest{suffix}")
        )
        ratio = err_1 / err_2 if err_2 else float("inf")
        detail = f"bases {err_1:g} and {err_2:g}; at this d, it holds up to k = {widest:g}"
        sub_tests.append(Check(f"Err_1 is of lower order than {title}", 1, int(not err_1 < err_2), ratio, detail))
    return sub_tests
