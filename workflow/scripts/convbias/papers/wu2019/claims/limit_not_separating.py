"""The X-hinge limit may not separate the training set on Task-3rdCtrl.

Ref: wu2019, Footnote 6
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, share_test

TABLES = ("asymptotics",)
COMMON = {
    "statistic": "proportion of training sets, of all sizes and with a unique top singular pair, on which the X-hinge "
    "limit has a training error",
    "threshold": "above {share}, our threshold",
    "where": "Section 4, footnote 6",
    "figure": "wu2019-fig5",
    "settings": {"share": 0.05},
}
CLAIMS = {
    "wu2019-limit-not-separating": {
        "quote": "the limit direction w∞ may not be able to separate the training set",
        "scope": "Task-3rdCtrl",
        "kind": "observation",
        "statement": "On Task-3rdCtrl, the X-hinge limit may fail to separate the training set.",
        "note": "A small example has d = 4, k = 2 and three samples with y = -1: e₁ - e₂ twice, and e₂ - e₃. The limit "
        "misclassifies the last.",
        "settings": {"task": "third_person"},
    },
    "wu2019-limit-not-separating-first_person": {
        "scope": "Task-1stCtrl, on which the paper makes no such statement",
        "kind": "extension",
        "statement": "On Task-1stCtrl, too, the X-hinge limit may fail to separate the training set.",
        "settings": {"task": "first_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, share: float) -> Evidence:
    """One test of the training sets on which the limit does not depend on the initial weights.

    Ref: wu2019, Footnote 6
    """
    limits = rows_of(tables["asymptotics"], experiments, task=task)
    return [share_test(task, limits.loc[~limits["degenerate"].astype(bool), "train_error"] > 0, above=share)]
