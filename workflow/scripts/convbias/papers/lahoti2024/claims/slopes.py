"""On the Dynamic Signal Distribution a CNN needs about k + d samples, an LCN k d and a fully connected network k^2 d.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024), the bounds of the abstract; constants and logarithms are not in them
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence
from convbias.statistics.samples import samples_test

TABLES = ("detection",)
COMMON = {
    "kind": "statistical",
    "statistic": "slope of log n(e), the samples needed for a mean error e = {error}, over the log of what grows",
    "threshold": "ConvPool below {shared} + {margin}, LCN above {local} - {margin}, MLP above {full} - {margin}",
    "figure": "lahoti2024-slopes",
    "note": "The bounds are of networks with another activation, which sum over patches and take no maximum.",
}
CLAIMS = {
    "lahoti2024-patches": {
        "where": "Abstract",
        "statement": "Samples grow with the number k of patches: for CNN at most like k, LCN at least k, FCN k².",
        "settings": {"by": "n_patterns", "shared": 1, "local": 1, "full": 2, "error": 0.2, "margin": 0.5},
    },
    "lahoti2024-length": {
        "where": "Abstract",
        "statement": "Samples grow with the length d of a patch: for CNN at most like d, LCN and FCN at least.",
        "settings": {"by": "d", "shared": 1, "local": 1, "full": 1, "error": 0.2, "margin": 0.5},
    },
}


def evidence(
    tables: Tables, experiments: list[str], by: str, shared: int, local: int, full: int, error: float, margin: float
) -> Evidence:
    """One test for each network; of ConvPool the paper bounds the samples from above, of the others from below."""
    found = []
    for model, name, above, below in (
        ("conv_pool", "ConvPool", -inf, shared + margin),
        ("lcn", "LCN", local - margin, inf),
        ("mlp", "MLP", full - margin, inf),
    ):
        runs = each(tables["detection"], experiments, by, task="dynamic_signal", model=model, training="adam")
        errors = {size: errors_by(rows, "n_train") for size, rows in runs.items()}
        found.append(samples_test(f"slope of {name}", by, errors, error, above, below))
    return found
