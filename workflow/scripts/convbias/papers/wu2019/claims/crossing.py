"""On Task-3rdCtrl the X-hinge limit is better than hinge training at small n, and worse at large n.

Ref: wu2019, Figure 5; Section 4
"""

from dataclasses import replace

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData

TABLES = ("linear", "asymptotics")
COMMON = {
    "precision": 0.005,
    "kind": "observation",
    "statistic": "test error of Model-Conv-k trained with the hinge loss, minus the SVD estimate on the same training "
    "set",
    "threshold": "mean above 0 at the smallest n, and below 0 at the largest n",
    "figure": "wu2019-fig5",
}
CLAIMS = {
    "wu2019-third-person-crossing": {
        "quote": "this is not true in Task-3rdCtrl, where the limit direction is better when ntr is small but worse "
        "when ntr is large",
        "scope": "Task-3rdCtrl",
        "where": "Section 4, Figure 5 (c)",
        "statement": "On Task-3rdCtrl, the X-hinge limit is better than hinge training at small n, but worse at large "
        "n.",
        "settings": {"task": "third_person"},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str) -> Evidence:
    """One test at the smallest and one at the largest sample size for which both errors are available.

    The name of the second test gives the size after which the mean last crosses 0.

    Ref: wu2019, Figure 5
    """
    hinge = rows_of(tables["linear"], experiments, task=task, model="conv", loss="hinge")
    pairs = differences(hinge, rows_of(tables["asymptotics"], experiments, task=task))
    least, largest = pairs["n_train"].min(), pairs["n_train"].max()
    if least == largest:
        raise InsufficientData(
            f"a crossing needs two sample sizes; hinge networks and SVD estimates have only n = {least} in common"
        )
    means = pairs.groupby("n_train")["difference"].mean()
    last = means.index[means > 0].max()  # NaN if there is none
    after = f" (last crosses 0 after n = {last})" if least <= last < largest else ""
    return [
        *at_each_size(pairs[pairs["n_train"] == least], above=0),
        *(replace(test, name=test.name + after) for test in at_each_size(pairs[pairs["n_train"] == largest], below=0)),
    ]
