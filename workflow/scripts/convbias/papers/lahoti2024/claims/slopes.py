"""On the Dynamic Signal Distribution, a CNN needs about k + d samples, an LCN k d and an FCN k^2 d.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024), the bounds of the abstract; constants and logarithms are not in them
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "precision": 0.125,
    "kind": "result",
    "statistic": "slope of log n(e) against the log of the varied setting; n(e) is the sample size with a mean error "
    "of e = {error}",
    "threshold": "ConvPool below {shared} + {margin}, LCN above {local} - {margin}, MLP above {full} - {margin}",
    "figure": "lahoti2024-slopes",
    "note": "The bounds are for networks with another activation, which sum over patches instead of taking a maximum.",
}
CLAIMS = {
    "lahoti2024-patches": {
        "quote": "CNNs require Õ(k+d) samples, whereas LCNs require Ω(kd) samples",
        "scope": "the DSD task; bounds, of which we test the powers of k",
        "where": "Abstract",
        "statement": "With k patches, the samples needed grow at most like k for CNN, at least like k for LCN and k² "
        "for FCN.",
        "settings": {"by": "n_patterns", "shared": 1, "local": 1, "full": 2, "error": 0.2, "margin": 0.5},
    },
    "lahoti2024-length": {
        "quote": "LCNs need Õ(k(k+d)) samples, compared to Ω(k²d) samples for FCNs",
        "scope": "the DSD task; bounds, of which we test the powers of d",
        "where": "Abstract",
        "statement": "With patches of length d, the samples needed grow at most like d for CNN, at least like d for "
        "LCN and FCN.",
        "settings": {"by": "d", "shared": 1, "local": 1, "full": 1, "error": 0.2, "margin": 0.5},
    },
    "lahoti2024-patches-scaled": {
        "kind": "extension",
        "scope": "noise σ = 0.71 / √k, the order that the proofs need; the bounds of the paper times σ², as reviews "
        "and summaries state them: σ²(k + d), σ² k d and σ² k² d",
        "where": "Abstract (noise scaled)",
        "statement": "With noise like 1 / √k, CNN's samples do not grow with k, LCN's do not fall, FCN's grow at least "
        "like k.",
        "settings": {"by": "n_patterns", "shared": 0, "local": 0, "full": 1, "error": 0.2, "margin": 0.5},
    },
}


def evidence(
    tables: Tables, experiments: list[str], by: str, shared: int, local: int, full: int, error: float, margin: float
) -> Evidence:
    """One test for each network. The paper bounds the samples from above for ConvPool, from below for the others."""
    sub_tests = []
    for model, name, above, below in (
        ("conv_pool", "ConvPool", -inf, shared + margin),
        ("lcn", "LCN", local - margin, inf),
        ("mlp", "MLP", full - margin, inf),
    ):
        runs = each(tables["detection"], experiments, by, task="dynamic_signal", model=model, training="adam")
        errors = {size: errors_by(rows, "n_train") for size, rows in runs.items()}
        sub_tests.append(samples_test(f"slope of {name}", by, errors, error, above, below))
    return sub_tests
