"""The exact test error on few samples: one class in S_2, and the prediction from the sets of patterns.

Ref: brutzkus2021, Equation 24; Theorem 5.1 (few samples)
"""

from math import inf

import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "kind": "extension",
    "scope": "the settings of Theorem 5.1, no noise, T_2 = infinity",
    "where": "Theorem 5.1 (extended)",
    "figure": "brutzkus2021-thm5-1",
}
CLAIMS = {
    "brutzkus2021-one-class": {
        "statement": "If S_2 has one class only, the test error is 1/2.",
        "statistic": "exact test error of the trained networks whose S_2 has one class",
        "threshold": "1/2 in every network",
        "settings": {"measure": "one class"},
        "note": "This alone gives a mean error of 2^-floor(m/2). One class in S_1 is no obstacle.",
    },
    "brutzkus2021-few-samples": {
        "precision": 0.0025,
        "looks": 2,
        "over": "m",
        "statement": "All test errors come from training sets whose S_2 has one class only.",
        "statistic": "exact test error, minus 1/2 if S_2 has one class",
        "threshold": "mean below {margin} (our threshold), at each d and m",
        "settings": {"measure": "excess", "margin": 0.01},
    },
    "brutzkus2021-vote-error": {
        "precision": 0.005,
        "statement": "The sets of patterns predict the mean test error, by other filters that count votes.",
        "statistic": "exact test error minus the predicted one, averaged over m from 4 to 16, on the same training set",
        "threshold": "mean between -{margin} and {margin} (our threshold), at each d",
        "settings": {"measure": "predicted", "margin": 0.02},
    },
}
ROUNDING = 1e-12  # of a sum over the sets of patterns
SIZES = (4, 16)  # below, S_2 has one sample; above, errors are rare


def evidence(tables: Tables, experiments: list[str], measure: str, margin: float = 0) -> Evidence:
    """An exact check of networks, or tests at each d: of the excess at each m, or of the error minus the prediction.

    Ref: brutzkus2021, Equation 24; Theorem 5.1
    """
    rows = pd.concat(
        rows_of(tables["theory"], experiments, quantity=f"few_{name}") for name in ("error", "predicted", "one_class")
    )
    runs = rows.pivot_table("value", ["d", "n_train", "seed"], "quantity", observed=True)
    error, one_class = runs["few_error"], runs["few_one_class"]
    if measure == "one class":
        own = error[one_class == 1]
        return [Check("networks with one class in S₂", len(own), int((abs(own - 0.5) > ROUNDING).sum()))]
    if measure == "excess":
        groups = (error - one_class / 2).groupby(["d", "n_train"])
        return [mean_test(f"d = {d:g}: m = {m:g}", excess, -inf, margin) for (d, m), excess in groups]
    gaps = error - runs["few_predicted"]
    sizes = gaps.index.get_level_values("n_train")
    means = gaps[(sizes >= SIZES[0]) & (sizes <= SIZES[1])].groupby(["d", "seed"]).mean()
    return [mean_test(f"d = {d:g}", own, -margin, margin) for d, own in means.groupby("d")]
