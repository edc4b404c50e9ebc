"""The number of lucky filters is within its bounds as often as promised.

Ref: brutzkus2021, Lemma 5.2
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence, InsufficientData

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "exact probability that a count of lucky filters is not in [k/4d, k/d], for each d",
    "threshold": "at most 4 exp(-d); the drawn proportion of lucky filters is within {errors} standard errors of the "
    "exact one",
    "figure": "brutzkus2021-lemmas",
    "settings": {"errors": 3},
}
CLAIMS = {
    "brutzkus2021-lemma5.2": {
        "quote": "With probability at least 1 - 4e^(-d): k/4d ≤ |W_0^+ ∩ A^+|, |W_0^- ∩ A^-| ≤ k/d",
        "scope": "k > 8 d³, l = d",
        "where": "Lemma 5.2",
        "statement": "With probability 1 - 4 exp(-d), between k/4d and k/d filters are lucky for each sign.",
    },
}


def evidence(tables: Tables, experiments: list[str], errors: float) -> Evidence:
    """Two checks with a case for each d: the promise, and whether drawn filters are lucky as often as the exact result.

    The standard error of the mean drawn proportion follows from the range of the middle 95 % of draws and from their
    number. That number is at least log 0.025 / log(1 - high), if ``high`` ends the 95 % interval of a proportion of
    draws. It is equal to that if the proportion is 0. The drawn proportion of counts out of bounds is not checked:
    there are far too few draws.

    Ref: brutzkus2021, Lemma 5.2

    Raises:
        InsufficientData: a quantity is missing, or a drawn one has no interval.
    """
    names = ("outside", "outside_promised", "outside_estimate", "lucky_probability", "lucky_share")
    table = quantities(tables["theory"], experiments, names, "d")
    value, low, high = (table[kind] for kind in ("value", "low", "high"))
    if (high["outside_estimate"] + high["lucky_share"] + low["lucky_share"]).isna().any():
        raise InsufficientData("a drawn quantity has no interval")
    broken = ~(value["outside"] <= value["outside_promised"])
    draws = np.log(0.025) / np.log1p(-high["outside_estimate"])
    error = (high["lucky_share"] - low["lucky_share"]) / (2 * 1.96) / draws**0.5
    away = abs(value["lucky_share"] - value["lucky_probability"]) / error
    return [
        Check(
            "probability of being out of bounds is at most the promised one",
            len(broken),
            int(broken.sum()),
            float((value["outside"] / value["outside_promised"]).max()),
        ),
        Check(
            "drawn proportion of lucky filters agrees with the exact one",
            len(away),
            int((~(away <= errors)).sum()),
            float(away.max()),
        ),
    ]
