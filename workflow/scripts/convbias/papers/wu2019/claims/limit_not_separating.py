"""The X-hinge limit may not separate the training set.

Ref: wu2019, Footnote 6
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory", "asymptotics")
COMMON = {"threshold": "at least one", "figure": "wu2019-fig5"}
CLAIMS = {
    "wu2019-limit-not-separating": {
        "quote": "the limit direction w∞ may not be able to separate the training set",
        "scope": "Task-3rdCtrl",
        "kind": "observation",
        "where": "Section 4, footnote 6",
        "statement": "On Task-3rdCtrl, the X-hinge limit may fail to separate the training set.",
        "note": "One of the smallest examples has d = 4, k = 2 and the samples e_1 - e_2, twice, and e_2 - e_3, all "
        "with y = -1. The limit misclassifies the last one.",
        "statistic": "training sets of 2 and 3 samples in which the limit misclassifies a sample, among all with d = 4 "
        "and k = 2 and a unique limit",
        "settings": {"table": "theory", "task": "third_person"},
    },
    "wu2019-limit-not-separating-first_person": {
        "scope": "Task-1stCtrl",
        "kind": "extension",
        "where": "Section 4, footnote 6 (extended)",
        "statement": "On Task-1stCtrl, too, the X-hinge limit may fail to separate the training set.",
        "note": "Our observation: the paper speaks of Task-3rdCtrl only.",
        "statistic": "drawn training sets on which the limit is unique and has a training error",
        "settings": {"table": "asymptotics", "task": "first_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], table: str, task: str) -> Evidence:
    """One check that some training set is not separated. Its estimate is the proportion of these sets.

    Ref: wu2019, Footnote 6
    """
    if table == "theory":
        sets, failures = (
            rows_of(tables[table], experiments, quantity=f"separation_{task}_{name}")["value"].sum()
            for name in ("sets", "failures")
        )
    else:
        limits = rows_of(tables[table], experiments, task=task)
        unique = limits[~limits["degenerate"].astype(bool)]
        sets, failures = len(unique), (unique["train_error"] > 0).sum()
    name = "some training set is not separated"
    share = failures / sets if sets else float("nan")
    return [
        Check(
            name, int(sets > 0), int(failures == 0), float(share), f"{failures:,.0f} of {sets:,.0f} are not separated"
        )
    ]
