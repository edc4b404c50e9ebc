"""The exponent of the boundary: at which power of d does the signal strength of a given test error grow?

Ref: kou2023, Abstract (the transition between benign and harmful overfitting)
"""

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, each
from convbias.statistics.evidence import Evidence
from convbias.statistics.samples import samples_test

TABLES = ("theory",)
COMMON = {
    "precision": 0.0125,
    "over": "error",
    "where": "Abstract (exponent extended)",
    "kind": "extension",
    "statistic": "slope of log μ(e) against log d; at μ(e) the mean test error is e",
    "threshold": "between {above} and {below} for e = 0.2, 0.3 and 0.4 (our threshold)",
    "figure": "kou2023-exponents",
}
CLAIMS = {
    "kou2023-boundary": {
        "kind": "result",
        "quote": "Our result also reveals a sharp transition between benign and harmful overfitting",
        "scope": "asymptotic in the paper: d large against n², and small initial weights and steps. The experiment has "
        "d from 100 to 1,060, n = 20, and PyTorch's initial weights",
        "where": "Abstract; the theorem's n μ⁴ against d",
        "statement": "On the paper's grid, test errors are constant along μ ~ d^(1/4).",
        "settings": {"above": 0.2, "below": 0.3},
    },
    "kou2023-boundary-small-init": {
        "scope": "initial weights 100 times smaller than PyTorch's, d from 1,000 to 30,000",
        "statement": "With small initial weights and d far above n², test errors are constant along μ ~ d^(1/4).",
        "settings": {"above": 0.2, "below": 0.3},
    },
    "kou2023-boundary-small-steps": {
        "scope": "PyTorch's initial weights, learning rate 10 / d, d from 1,000 to 30,000",
        "statement": "With PyTorch's initial weights and small steps, test errors are constant along μ ~ d^(1/2).",
        "settings": {"above": 0.45, "below": 0.55},
        "note": "The paper excludes such initial weights: they must become smaller than 1/√d as d grows.",
    },
}
LEVELS = (0.2, 0.3, 0.4)


def evidence(tables: Tables, experiments: list[str], above: float, below: float) -> Evidence:
    """One test for each level of the test error; the jackknife leaves out one seed at a time."""
    runs = each(tables["theory"], experiments, "d", quantity="network_error")
    errors = {d: by_seed(rows, experiments, "network_error", "signal") for d, rows in runs.items()}
    return [samples_test(f"error = {level:g}", "d", errors, level, above, below) for level in LEVELS]
