"""What the paper does not show: a second layer without convolution changes nothing, and cross entropy little.

Ref: wu2019, Section 1; Footnote 4
"""

from collections.abc import Mapping

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear",)
COMMON = {
    "kind": "statistical",
    "threshold": "mean within {margin} of 0 at each n, on each task",
    "figure": "wu2019-variants",
}
CLAIMS = {
    "wu2019-two-layer": {
        "where": "Section 1",
        "statement": "A fully connected linear network of two layers generalises like one layer.",
        "statistic": "test error of two layers minus that of one on the same training set",
        "settings": {
            "variant": {"model": "two_layer", "loss": "hinge"},
            "usual": {"model": "one_layer", "loss": "hinge"},
            "margin": 0.02,
        },
    },
    "wu2019-cross-entropy": {
        "where": "Section 4, footnote 4",
        "statement": "Conv trained by cross entropy generalises not much differently from conv trained by hinge.",
        "statistic": "test error by cross entropy minus that by hinge on the same training set",
        "settings": {
            "variant": {"model": "conv", "loss": "cross_entropy"},
            "usual": {"model": "conv", "loss": "hinge"},
            "margin": 0.05,
        },
    },
}


def evidence(
    tables: Tables, experiments: list[str], variant: Mapping[str, str], usual: Mapping[str, str], margin: float
) -> Evidence:
    """On each task of the variant a test at each sample size that both have.

    Ref: wu2019, Section 1; Footnote 4
    """
    return [
        test
        for task, runs in rows_of(tables["linear"], experiments, **variant).groupby("task")
        for other in [rows_of(tables["linear"], experiments, task=task, **usual)]
        for test in at_each_size(differences(runs, other), -margin, margin, f"{task}: ")
    ]
