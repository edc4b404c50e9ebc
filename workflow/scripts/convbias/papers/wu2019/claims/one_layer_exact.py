"""The expected test error of Model-1-Layer is known exactly.

Ref: wu2019, Section 3.3.2 (E_1Layer)
"""

from collections.abc import Sequence
from functools import partial

from convbias.claims import Tables
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.statistics.comparison import at_each_size, excess, rows_of
from convbias.statistics.evidence import Evidence

TABLES = ("linear",)
COMMON = {
    "kind": "theorem",
    "statistic": "test error of Model-1-Layer minus 1/2 ((d-1)/d)^n",
    "threshold": "mean within {margin} of 0 at each n, on each of the two tasks",
    "figure": "wu2019-fig2",
    "settings": {"tasks": ["cls", "first_person"], "margin": 0.02},
}
CLAIMS = {
    "wu2019-one-layer-exact": {
        "quote": "it is guaranteed to be correctly classified only if ±e_i appears in the training set, otherwise it "
        "has only a half chance to be correctly classified due to random initialization",
        "scope": "weights initialised independently, with a distribution centred on 0",
        "where": "Section 3.3.2",
        "statement": "The mean test error of Model-1-Layer is 1/2 ((d-1)/d)^n on Task-Cls and on Task-1stCtrl.",
    },
}


def evidence(tables: Tables, experiments: list[str], tasks: Sequence[str], margin: float) -> Evidence:
    """One test for each task and sample size.

    Ref: wu2019, Section 3.3.2 (E_1Layer)
    """
    return [
        test
        for task in tasks
        for runs in [rows_of(tables["linear"], experiments, task=task, model="one_layer", loss="hinge")]
        for pairs in [excess(runs, partial(one_layer_error, int(runs["d"].iloc[0])))]
        for test in at_each_size(pairs, -margin, margin, f"{task}: ")
    ]
