"""The X-hinge limit may not separate the training set on Task-3rdCtrl.

Ref: wu2019, Footnote 6
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Evidence, share_test

TABLES = ("asymptotics",)
COMMON = {
    "kind": "observation",
    "statistic": "proportion of training sets, of all sizes, on which the X-hinge limit has a training error",
    "threshold": "above {share} on Task-3rdCtrl, below {share} on each of the other tasks",
    "figure": "wu2019-fig5",
    "settings": {"share": 0.05},
}
CLAIMS = {
    "wu2019-limit-not-separating": {
        "quote": "the limit direction w∞ may not be able to separate the training set",
        "scope": "Task-3rdCtrl",
        "where": "Section 4, footnote 6",
        "statement": "The X-hinge limit may fail to separate the training set on Task-3rdCtrl, but not on the other "
        "tasks.",
    },
}


def evidence(tables: Tables, experiments: list[str], share: float) -> Evidence:
    """One test for each task.

    Ref: wu2019, Footnote 6
    """
    return [
        share_test(task, rows_of(tables["asymptotics"], experiments, task=task)["train_error"] > 0, **bound)
        for task, bound in (
            ("third_person", {"above": share}),
            ("cls", {"below": share}),
            ("first_person", {"below": share}),
        )
    ]
