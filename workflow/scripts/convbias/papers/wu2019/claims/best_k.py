"""The filter size that is best for the X-hinge limit is a good choice for trained networks, too.

Ref: wu2019, Section 6
"""

import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import CHANCE, each, errors_by
from convbias.statistics.evidence import Evidence, InsufficientData, mean_test

TABLES = ("linear", "asymptotics")
COMMON = {
    "precision": 0.005,
    "looks": 3,
    "kind": "extension",
    "where": "Section 6 (extended)",
    "over": "n",
    "statistic": "mean test error of networks with the filter size that is best for the X-hinge limit, minus that with "
    "the size that is best for networks; both are chosen on the training sets with even numbers, and tested on the "
    "others",
    "threshold": "below {margin} (our threshold) at each n",
    "figure": "wu2019-phase-k",
    "settings": {"margin": 0.02},
}
CLAIMS = {
    "wu2019-best-k-cls": {
        "scope": "Task-Cls, hinge loss",
        "statement": "On Task-Cls, the filter size that is best for the limit is good for trained networks.",
        "settings": {"task": "cls"},
    },
    "wu2019-best-k-third_person": {
        "scope": "Task-3rdCtrl, hinge loss",
        "statement": "On Task-3rdCtrl, the filter size that is best for the limit is good for trained networks.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, margin: float) -> Evidence:
    """At each sample size, one test over training sets. Of several best filter sizes, the smallest is taken.

    Ref: wu2019, Section 6 (the choice of k)
    """
    networks = each(tables["linear"], experiments, "k", task=task, model="conv", loss="hinge")
    limits = each(tables["asymptotics"], experiments, "k", task=task)
    shared = sorted(set(networks) & set(limits))
    if len(shared) < 2:
        raise InsufficientData(f"the choice needs two filter sizes; there is {', '.join(map(str, shared)) or 'none'}")
    errors = pd.concat({k: errors_by(networks[k], "n_train") for k in shared}, axis=1)
    of_limit = {k: limits[k].assign(test_error=limits[k]["gaussian_test_error"]) for k in shared}
    expected = pd.concat({k: errors_by(of_limit[k], "n_train") for k in shared}, axis=1)
    tests = []
    for n in sorted(set(errors.columns.get_level_values(1)) & set(expected.columns.get_level_values(1))):
        own, limit = errors.xs(n, axis=1, level=1), expected.xs(n, axis=1, level=1)
        chosen, best = (one[one.index % 2 == 0].mean().idxmin() for one in (limit, own))
        tested = own[own.index % 2 == 1]
        loss = tested[chosen] - tested[best]
        name = f"k = {chosen} of the limit, {best} of networks: n = {n}"
        tests.append(mean_test(name, loss, below=margin, trials=loss.notna().sum(), scale=CHANCE))
    return tests
