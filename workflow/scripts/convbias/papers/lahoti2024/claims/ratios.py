"""How many times as many samples a locally connected network needs, if networks take maxima over patches.

Ref: lahoti2024, authors' response to the reviews (experiments)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, InsufficientData
from convbias.statistics.samples import ratio_test

TABLES = ("detection",)
COMMON = {
    "kind": "extension",
    "over": "k",
    "where": "Authors' response to the reviews (extended)",
    "figure": "lahoti2024-ratios",
    "statistic": "samples of LCN over those of {name}; both have a mean error of {error}",
}
CLAIMS = {
    "lahoti2024-maxima-ratio": {
        "precision": 2,
        "statement": "With maxima over patches, too, LCN needs about 10 to 20 times as many samples as CNN.",
        "threshold": "between {above} and {below} (our threshold)",
        "settings": {"other": "conv_pool", "name": "ConvPool", "above": 8, "below": 24, "error": 0.2},
    },
    "lahoti2024-locality": {
        "precision": 0.25,
        "statement": "Locality without weight sharing is worse than full connection: LCN needs more samples than MLP.",
        "threshold": "above {above}",
        "settings": {"other": "mlp", "name": "MLP", "above": 1, "error": 0.2},
        "note": "Liang, Singh, Parhi, Cloninger and Wang (2026, arXiv 2603.04807) are said to find this in a close "
        "setting. We have their abstracts only, and these do not state it.",
    },
    "lahoti2024-locality-scaled": {
        "precision": 0.25,
        "scope": "noise σ = 0.71 / √k",
        "statement": "With noise like 1 / √k, LCN needs more samples than MLP.",
        "threshold": "above {above}",
        "settings": {"other": "mlp", "name": "MLP", "above": 1, "error": 0.2},
        "note": "Liang, Singh, Parhi, Cloninger and Wang (2026, arXiv 2603.04807) are said to find this in a close "
        "setting. We have their abstracts only, and these do not state it.",
    },
}


def evidence(
    tables: Tables, experiments: list[str], other: str, name: str, error: float, above: float, below: float = inf
) -> Evidence:
    """One test for each number of patches."""
    both = [
        each(tables["detection"], experiments, "n_patterns", task="dynamic_signal", model=model, training="adam")
        for model in ("lcn", other)
    ]
    if not (shared := [k for k in both[0] if k in both[1]]):
        raise InsufficientData(f"LCN and {name} have no number of patches in common")
    return [
        ratio_test(
            f"k = {k:g}",
            {model: errors_by(runs[k], "n_train") for model, runs in zip(("LCN", name), both, strict=True)},
            error,
            above,
            below,
        )
        for k in shared
    ]
