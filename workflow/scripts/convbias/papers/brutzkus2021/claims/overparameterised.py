"""ConvPool generalises well, no matter how many channels it has.

Ref: brutzkus2021, Section 1
"""

from itertools import combinations

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, each
from convbias.statistics.evidence import Evidence, InsufficientData

TABLES = ("detection",)
COMMON = {
    "looks": 2,
    "kind": "extension",
    "statistic": "test error with more channels minus that with fewer on the same training set, for each pair of "
    "widths",
    "threshold": "mean below {margin} at each n",
    "figure": "brutzkus2021-channels",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "brutzkus2021-overparameterised": {
        "quote": "can generalize well even for highly over-parameterized models",
        "scope": "Adam with noise and fan-in scaled weights, which the theory does not cover",
        "over": "n",
        "where": "Abstract, Section 1",
        "statement": "More channels do not hurt: ConvPool generalises well even if highly over-parameterised.",
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float) -> Evidence:
    """For each pair of widths, one test at each sample size that both have. All widths share training sets.

    Ref: brutzkus2021, Section 1 (over-parameterised networks)
    """
    widths = each(tables["detection"], experiments, "width", task="orthogonal", model="conv_pool", training="adam")
    if len(widths) < 2:
        raise InsufficientData(
            f"there is only one number of channels, {', '.join(map(str, widths))}; a comparison needs two"
        )
    return [
        test
        for (fewer, narrow), (more, wide) in combinations(widths.items(), 2)
        for test in at_each_size(differences(wide, narrow), below=margin, prefix=f"{more} against {fewer} channels, ")
    ]
