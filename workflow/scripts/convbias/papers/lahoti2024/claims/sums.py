"""The authors' own networks, which sum over patches: how many samples they need, and how that number grows.

Ref: lahoti2024, authors' response to the reviews (experiments)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, counted, each
from convbias.statistics.evidence import Evidence, InsufficientData
from convbias.statistics.samples import ratio_test, samples_test
from convbias.statistics.summary import select

TABLES = ("theory",)
COMMON = {"kind": "extension", "figure": "lahoti2024-ratios"}
CLAIMS = {
    "lahoti2024-sums-patches": {
        "kind": "result",
        "precision": 0.125,
        "quote": "CNNs require Õ(k+d) samples, whereas LCNs require Ω(kd) samples",
        "scope": "the DSD task; bounds, of which we test the powers of k; d = 20, k = 10 to 30, constant noise",
        "where": "Abstract",
        "statement": "With sums over k patches, CNN's samples grow at most like k, LCN's at least like k.",
        "statistic": "slope of log n against log k; at n the mean excess risk is {excess}",
        "threshold": "CNN below {shared} + {margin}, LCN above {local} - {margin} (our margin)",
        "settings": {"by": "n_patterns", "shared": 1, "local": 1, "margin": 0.5, "excess": 0.03},
    },
    "lahoti2024-sums-length": {
        "kind": "observation",
        "precision": 0.125,
        "quote": "We note a linear dependence on d for both CNNs and LCNs, consistent with the theory.",
        "scope": "k = 20, d = 10 to 30",
        "where": "Authors' response to the reviews",
        "statement": "With sums over patches of length d, CNN's samples grow at most like d, LCN's at least like d.",
        "statistic": "slope of log n against log d; at n the mean excess risk is {excess}",
        "threshold": "CNN below {shared} + {margin}, LCN above {local} - {margin} (our margin)",
        "settings": {"by": "d", "shared": 1, "local": 1, "margin": 0.5, "excess": 0.03},
    },
    "lahoti2024-sums-scaled": {
        "precision": 0.125,
        "scope": "noise σ = 0.5 / √k, the order that the proofs need; the bounds of the paper times σ²",
        "where": "Abstract (noise scaled)",
        "statement": "With sums and noise like 1 / √k, CNN's samples do not grow with k, and LCN's do not fall.",
        "statistic": "slope of log n against log k; at n the mean excess risk is {excess}",
        "threshold": "CNN below {shared} + {margin}, LCN above {local} - {margin} (our margin)",
        "settings": {"by": "n_patterns", "shared": 0, "local": 0, "margin": 0.5, "excess": 0.03},
    },
    "lahoti2024-published-ratio": {
        "kind": "observation",
        "precision": 2,
        "over": "k",
        "quote": "LCNs require significantly more samples than CNNs—about 10 to 20 times more",
        "scope": "k = 10 to 30 at d = 20, and d = 10 to 30 at k = 20; the noise is assumed",
        "where": "Authors' response to the reviews",
        "statement": "With sums over patches, LCN needs about 10 to 20 times as many samples as CNN.",
        "statistic": "samples of LCN over those of CNN, for an excess risk of {excess}",
        "threshold": "between {above} and {below}: 20 % off at either end (our threshold)",
        "settings": {"by": "ratio", "above": 8, "below": 24, "excess": 0.03},
    },
    "lahoti2024-oracle-risk": {
        "where": "Section 4",
        "statement": "The risk of a trained network is the sum of its Gaussian moments.",
        "statistic": "difference of the mean squared error on drawn inputs from the formula, in standard errors",
        "threshold": "at most 5 in every network",
        "settings": {"by": "exact"},
    },
}


def evidence(
    tables: Tables,
    experiments: list[str],
    by: str,
    shared: int = 0,
    local: int = 0,
    margin: float = 0,
    above: float = -inf,
    below: float = inf,
    excess: float = 0,
) -> Evidence:
    """A slope of each network, the ratio at each k and d, or the counts of an exact check."""
    table = tables["theory"]
    if by == "exact":
        return [counted(table, experiments, "risk_")]
    if by != "ratio":
        slopes = []
        for model, low, high in (("cnn", -inf, shared + margin), ("lcn", local - margin, inf)):
            runs = each(table, experiments, by, quantity=f"{model}_excess")
            errors = {at: by_seed(rows, experiments, f"{model}_excess", "n_train") for at, rows in runs.items()}
            slopes.append(samples_test(f"slope of {model.upper()}", by, errors, excess, low, high))
        return slopes
    rows = select(table, experiments, quantity="cnn_excess")
    if rows.empty:
        raise InsufficientData(f"no rows with quantity = cnn_excess in {', '.join(experiments)}")
    sub_tests = []
    for (k, d), _ in rows.groupby(["n_patterns", "d"]):
        here = table[(table["n_patterns"] == k) & (table["d"] == d)]
        models = {model: by_seed(here, experiments, f"{model.lower()}_excess", "n_train") for model in ("LCN", "CNN")}
        sub_tests.append(ratio_test(f"d = {d:g}, k = {k:g}", models, excess, above, below))
    return sub_tests
