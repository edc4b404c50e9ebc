"""Up to which noise max-pooling separates all inputs, and the error that noise forces on every classifier.

Ref: brutzkus2021, Section 7 (independent random noise)
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted, quantities, rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "extension", "where": "Section 7 (extended)", "figure": "brutzkus2021-noise"}
CLAIMS = {
    "brutzkus2021-noise-thresholds": {
        "scope": "noise of norm up to eps on each pattern, l >= 3 and n >= 2",
        "statement": "Two pooled filters separate all inputs up to half of the distance from o_1 to the mean spurious "
        "pattern.",
        "statistic": "inputs at the threshold √(1 + 1/(l-2)) / 2 that are on its wrong side; pairs of both classes at "
        "√(1 + 1/s) / 2, s = min((n-1) // 2, l-2), that a network of Equation 1 tells apart; order of the thresholds",
        "threshold": "none; linear < two filters ≤ every network of Equation 1 ≤ every classifier",
        "settings": {"noise": 0},
        "note": "If n ≥ 2l - 3 or l = 3, the two thresholds of max-pooling are equal. Otherwise the largest noise that "
        "some network of Equation 1 separates is only known to be between them.",
    },
    "brutzkus2021-bayes-error": {
        "scope": "noise that is uniform in the ball, d = l = 20, n = 10",
        "statement": "At the noise of Figure 3 (b) the classes overlap, but no classifier has to err often.",
        "statistic": "the exact upper bound on the Bayes error at noise {noise}; noise levels at which the mean "
        "posterior error is more than three standard errors out of the exact bounds",
        "threshold": "above 0 and below {largest} (our threshold); no such level",
        "settings": {"noise": 1, "largest": 0.001},
    },
}
Z = 1.96  # half of an interval in standard errors


def evidence(tables: Tables, experiments: list[str], noise: float, largest: float = 0) -> Evidence:
    """Without a noise level, the checks of the thresholds; with one, those of the Bayes error.

    Ref: brutzkus2021, Section 7 (independent random noise)
    """
    theory = tables["theory"]
    if not noise:
        names = ("separable_noise", "pooled_noise", "hidden_noise", "overlapping_noise")
        linear, pooled, hidden, overlapping = (
            float(rows_of(theory, experiments, quantity=name)["value"].iloc[0]) for name in names
        )
        ordered = (linear < pooled, pooled <= hidden, hidden <= overlapping)
        return [
            counted(theory, experiments, "pooled_"),
            counted(theory, experiments, "hidden_"),
            Check("order of the thresholds", len(ordered), ordered.count(False), pooled),
        ]
    high = rows_of(theory, experiments, quantity="bayes_high", noise=noise)["value"]
    found = quantities(theory, experiments, ("bayes_low", "bayes_high", "bayes_error"), "noise")
    error = (found["high", "bayes_error"] - found["low", "bayes_error"]) / (2 * Z)
    drawn, low, top = (found["value", f"bayes_{name}"] for name in ("error", "low", "high"))
    outside = ~((drawn >= low - 3 * error) & (drawn <= top + 3 * error))
    return [
        Check(f"Bayes error at noise {noise:g}", len(high), int((~((high > 0) & (high < largest))).sum()), high.max()),
        Check("drawn errors are within the bounds", len(outside), int(outside.sum()), float(drawn.max())),
    ]
