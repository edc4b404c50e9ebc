"""The rough forms of the terms of Theorem 4: a product above the first, and an approximation of the second.

Ref: wu2019, Section 3.3.1
"""

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "result", "where": "Section 3.3.1", "figure": "wu2019-fig4"}
CLAIMS = {
    "wu2019-product-bound": {
        "quote": "the total probability of not having adjacent pairs can be roughly upper bounded by ∏(d − s_n)/d",
        "scope": "Task-Cls, d = 100, k = 5; the paper calls it a rough intuition",
        "over": "n",
        "statement": "The probability of no adjacent pair, Err_1, is at most the product of (d - s_i)/d, i = 1 ... n.",
        "statistic": "the exact probability and the product, at each n",
        "threshold": "the probability is at most the product",
        "note": "We read s_i for s_n. The product is (1 - 1/d)^(n(n+1)/2). It is a bound from n = 4 to 108, and falls "
        "too fast after that. The order that the paper derives from it holds: see wu2019-fig4-order.",
    },
    "wu2019-err2-approximation": {
        "quote": "approximate it by ((d-2k+1)/d)^n if k ≪ d",
        "scope": "Task-Cls, d = 100, k = 5",
        "statement": "Err_2 is about 1/2 ((d-2k+1)/d)^n if k is much smaller than d.",
        "statistic": "Err_2, border terms included, and the approximation, at each n",
        "threshold": "they differ by at most {margin} (our threshold) at each n",
        "note": "The difference is absolute. As n grows, the ratio of the two grows without bound, by the positions "
        "near the ends.",
        "settings": {"margin": 0.01},
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float | None = None) -> Evidence:
    """One check at each n that the product is a bound, or, with a margin, one check of the approximation.

    Ref: wu2019, Section 3.3.1
    """
    if margin is None:
        value = quantities(tables["theory"], experiments, ["err_1", "err_1_product"], by="n_train")["value"]
        above = value["err_1"] > value["err_1_product"]
        details = "probability " + value["err_1"].map("{:.3g}".format) + ", product "
        details += value["err_1_product"].map("{:.3g}".format)
        return [Check(f"n = {n:g}", 1, int(above[n]), detail=details[n]) for n in value.index]
    value = quantities(tables["theory"], experiments, ["err_2", "err_2_approximation"], by="n_train")["value"]
    gap = (value["err_2"] - value["err_2_approximation"]).abs()
    found = float(gap.max())
    return [Check("Err_2", len(gap), int((gap > margin).sum()), found, f"largest difference {found:.1g}")]
