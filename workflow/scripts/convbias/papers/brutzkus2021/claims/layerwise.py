"""Layer-wise training performs like standard training.

Ref: brutzkus2021, Section 7
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, each, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("detection",)
COMMON = {
    "precision": 0.005,
    "kind": "observation",
    "statistic": "test error of ConvPool trained by Algorithm 1 minus that with Adam, on the same training set",
    "threshold": "mean within {margin} of 0 at each n, with and without noise",
    "figure": "brutzkus2021-layerwise",
    "looks": 2,
    "over": "n",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "brutzkus2021-layerwise": {
        "quote": "We verified that layer-wise training performs very similarly to standard training",
        "scope": "the settings of Figure 3, from 50 samples on",
        "where": "Section 7, ConvPool",
        "statement": "ConvPool trained layer by layer performs very similarly to ConvPool trained with Adam.",
        "settings": {"training": "layerwise"},
    },
    "brutzkus2021-layerwise-whole": {
        "kind": "extension",
        "scope": "Algorithm 1 without the split into S_1 and S_2, which the paper calls technical",
        "where": "Section 3, Section 7",
        "statement": "If both layers train on all samples, layer-wise training performs like Adam, too.",
        "settings": {"training": "layerwise_whole"},
        "looks": 3,
    },
}


def evidence(tables: Tables, experiments: list[str], margin: float, training: str) -> Evidence:
    """For each level of noise with layer-wise training, one test at each sample size that both have.

    Ref: brutzkus2021, Section 7 (layer-wise training performs very similarly to standard training)
    """
    ours = {"task": "orthogonal", "model": "conv_pool"}
    return [
        test
        for noise, rows in each(tables["detection"], experiments, "noise", training=training, **ours).items()
        for adam in [rows_of(tables["detection"], experiments, training="adam", noise=noise, **ours)]
        for test in at_each_size(differences(rows, adam), -margin, margin, f"noise {noise:g}: ")
    ]
