"""Benign overfitting itself: a training loss near 0, and the smallest possible test error.

Ref: kou2023, Abstract (benign overfitting)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, counted, each
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {"where": "Abstract", "figure": "kou2023-heatmap"}
CLAIMS = {
    "kou2023-benign": {
        "kind": "result",
        "precision": 0.0025,
        "over": "d",
        "quote": "the neural network trained by gradient descent can achieve near-zero training loss and Bayes optimal "
        "test risk",
        "scope": "a strong signal: μ = 9.9, at d = 100, 590 and 1090. The Bayes risk is the flip probability 0.1",
        "statement": "With a strong signal, the network fits the flipped labels, too, and has nearly the Bayes risk.",
        "statistic": "mean training loss, and mean test error",
        "threshold": "training loss below {loss}, test error below {error} (our thresholds)",
        "settings": {"measure": "benign", "loss": 0.01, "error": 0.12, "signal": 9.9},
    },
    "kou2023-oracle-training": {
        "kind": "extension",
        "where": "Section 3",
        "statement": "Training in the span of the data is training in R^d.",
        "statistic": "networks whose weights differ after training, relative to the largest weight",
        "threshold": "none by more than 1e-9",
        "settings": {"measure": "direct_"},
    },
    "kou2023-oracle-error": {
        "kind": "extension",
        "where": "Section 3",
        "statement": "With one filter per logit, the test error is that of a one-dimensional Gaussian integral.",
        "statistic": "difference of the measured error from the integral, in standard errors",
        "threshold": "at most 5 in every network",
        "settings": {"measure": "integral_"},
    },
}


def evidence(
    tables: Tables, experiments: list[str], measure: str, loss: float = inf, error: float = inf, signal: float = 0
) -> Evidence:
    """Two tests at each d, or the counts of an exact check."""
    if measure != "benign":
        return [counted(tables["theory"], experiments, measure)]
    sub_tests = []
    for quantity, name, bound in (("network_loss", "loss", loss), ("network_error", "error", error)):
        for d, rows in each(tables["theory"], experiments, "d", quantity=quantity).items():
            values = by_seed(rows, experiments, quantity, "signal")
            sub_tests.append(mean_test(f"{name}: d = {d:g}", values[signal], below=bound))
    return sub_tests
