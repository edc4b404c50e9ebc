"""The number of lucky filters is within its bounds as often as promised.

Ref: brutzkus2021, Lemma 5.2
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import quantities
from convbias.statistics.evidence import Check, Evidence, InsufficientData

TABLES = ("theory",)
COMMON = {
    "kind": "exact",
    "statistic": "probability that a count of lucky filters is not in [k/4d, k/d], computed exactly, for each d",
    "threshold": "at most 4 exp(-d); the drawn share of lucky filters is within {errors} standard errors of the exact",
    "figure": "brutzkus2021-lemmas",
    "settings": {"errors": 3},
}
CLAIMS = {
    "brutzkus2021-lemma5.2": {
        "where": "Lemma 5.2",
        "statement": "With probability 1 - 4 exp(-d) between k/4d and k/d filters are lucky for either sign.",
    },
}


def evidence(tables: Tables, experiments: list[str], errors: float) -> Evidence:
    """Two checks with a case for each d: the promise, and that drawn filters are lucky as often as what is exact says.

    The standard error of the mean drawn share follows from the range of the middle 95 % of draws and from their number,
    which is at least log .025 / log(1 - high), where ``high`` ends the 95 % interval of a share of them; it is that
    number where the share is 0. The drawn share of counts out of bounds is no check: of far too few draws.

    Ref: brutzkus2021, Lemma 5.2

    Raises:
        InsufficientData: a quantity is not there, or one that was drawn has no interval.
    """
    names = ("outside", "outside_promised", "outside_estimate", "lucky_probability", "lucky_share")
    found = quantities(tables["theory"], experiments, names, "d")
    value, low, high = (found[what] for what in ("value", "low", "high"))
    if (high["outside_estimate"] + high["lucky_share"] + low["lucky_share"]).isna().any():
        raise InsufficientData("what was drawn has no interval")
    broken = ~(value["outside"] <= value["outside_promised"])
    draws = np.log(0.025) / np.log1p(-high["outside_estimate"])
    error = (high["lucky_share"] - low["lucky_share"]) / (2 * 1.96) / draws**0.5
    away = abs(value["lucky_share"] - value["lucky_probability"]) / error
    return [
        Check(
            "probability of being out of bounds at most as promised",
            len(broken),
            int(broken.sum()),
            float((value["outside"] / value["outside_promised"]).max()),
        ),
        Check("drawn share of lucky filters as computed", len(away), int((~(away <= errors)).sum()), float(away.max())),
    ]
