"""Why no d appears, against other settings: the margin, the filters that become detectors, and the second layer's rate.

Ref: brutzkus2021, Section 5; Equation 24; Appendix A; Appendix E (extended)
"""

from math import inf

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed
from convbias.statistics.evidence import Evidence, mean_test, slope_test

TABLES = ("theory",)
COMMON = {
    "kind": "extension",
    "scope": "the settings of Theorem 5.1, one of them changed",
    "figure": "brutzkus2021-margin",
}
CLAIMS = {
    "brutzkus2021-margin-settings": {
        "precision": 0.125,
        "where": "Appendix E (extended)",
        "statement": "The margin after the first layer hardly depends on d, k, n or T_1.",
        "statistic": "slope of log R² ||â||² against the log of each setting, one for each seed",
        "threshold": "between {above} and {below} (our threshold)",
        "settings": {"measure": "slopes", "quantity": "complexity", "above": -0.5, "below": 0.5},
    },
    "brutzkus2021-trained-margin": {
        "precision": 0.17,
        "over": "value",
        "where": "Appendix E (extended)",
        "statement": "Training the first layer at least halves R² ||â||².",
        "statistic": "mean of log2 of R² ||â||² with the initial filters over that with the trained ones",
        "threshold": "above {above} (our threshold), at each value of d, k, n and T_1",
        "settings": {"measure": "gain", "quantity": "complexity", "above": 1, "below": None},
    },
    "brutzkus2021-votes": {
        "precision": 0.005,
        "looks": 2,
        "over": "value",
        "where": "Section 5 (extended)",
        "statement": "A count of the votes of S_1 predicts which filters become detectors.",
        "statistic": "share of filters that the vote count predicts right",
        "threshold": "mean above {above} (our threshold), at each value of d, k, n and T_1",
        "settings": {"measure": "means", "quantity": "votes_right", "above": 0.98, "below": None},
    },
    "brutzkus2021-sign-rule": {
        "precision": 0.005,
        "over": "value",
        "where": "Section 5 (extended)",
        "statement": "A filter becomes a detector exactly if it responds to its own pattern at the start.",
        "statistic": "share of filters that this rule predicts right",
        "threshold": "mean above {above} (our threshold), at each value of d, k, n and T_1",
        "settings": {"measure": "means", "quantity": "sign_right", "above": 0.98, "below": None},
        "note": "No filter without such a response becomes a detector. But many with it lose to a spurious pattern.",
    },
    "brutzkus2021-eq24-rate": {
        "precision": 0.05,
        "over": "d",
        "where": "Equation 24 (extended)",
        "statement": "The direction of the second layer converges like 1 / log²(1 / L_2).",
        "statistic": "slope of log (1 - cos(a, â)) against log log (1 / L_2), for log (1 / L_2) from 300 to 3000",
        "threshold": "mean between {above} and {below} (our threshold), at each d",
        "settings": {"measure": "means of d", "quantity": "rate", "above": -2.2, "below": -1.8},
        "note": "With plain steps, log(1 / L_2) grows like log t. Steps of size 1 / L_2 reach these losses.",
    },
    "brutzkus2021-appendix-a-proportional": {
        "precision": 0.0625,
        "where": "Appendix A (extended)",
        "statement": "The steps to half of the largest margin are proportional to R² ||â||².",
        "statistic": "slope of the log of the steps against log R² ||â||², over the networks of all d and n, with "
        "trained and with initial filters; one for each seed",
        "threshold": "between {above} and {below} (our threshold)",
        "settings": {"measure": "proportional", "quantity": "complexity", "above": 0.75, "below": 1.25},
    },
}
SWEEPS = {  # settings with their column of the theory table and their symbol
    "d": ("d", "d"),
    "channels": ("k", "k"),
    "n_patterns": ("n_patterns", "n"),
    "first_layer_steps": ("step", "T₁"),
}


def evidence(
    tables: Tables, experiments: list[str], measure: str, quantity: str, above: float, below: float | None
) -> Evidence:
    """A slope for each setting, a mean at each of its values, or a slope over the networks of a seed.

    Ref: brutzkus2021, Section 5; Equation 24; Appendix A; Appendix E
    """

    below = inf if below is None else below

    def values(sweep: str, name: str) -> pd.DataFrame:
        return by_seed(tables["theory"], experiments, f"{sweep}_{name}", SWEEPS[sweep][0])

    if measure == "proportional":
        each = [(sweep, start) for sweep in ("d", "n_patterns") for start in ("", "untrained_")]
        x, y = (
            [np.log(values(sweep, start + name)) for sweep, start in each]
            for name in ("complexity", "half_margin_steps")
        )
        slopes = _slopes(x, y)
        return [mean_test("slope of log steps", slopes, above, below)]
    sub_tests = []
    for sweep, (_, symbol) in SWEEPS.items() if measure != "means of d" else [("d", SWEEPS["d"])]:
        found = values(sweep, quantity)
        if measure == "slopes":
            x = np.log(found.columns.to_numpy(dtype=float))
            sub_tests.append(slope_test(f"slope against log {symbol}", x, np.log(found), above, below))
            continue
        if measure == "gain":
            found = np.log2(values(sweep, f"untrained_{quantity}") / found)
        name = f"{symbol} =" if measure == "means of d" else f"{symbol}: value ="
        sub_tests += [mean_test(f"{name} {x:g}", column, above, below) for x, column in found.items()]
    return sub_tests


def _slopes(x: list[pd.DataFrame], y: list[pd.DataFrame]) -> np.ndarray:
    """The least-squares slope of each seed (rows), over the columns of all tables; missing values are left out."""
    slopes = []
    for own_x, own_y in zip(pd.concat(x, axis=1).to_numpy(), pd.concat(y, axis=1).to_numpy(), strict=True):
        known = np.isfinite(own_x) & np.isfinite(own_y)
        slopes.append(np.polyfit(own_x[known], own_y[known], 1)[0] if known.sum() > 2 else np.nan)
    return np.array(slopes)
