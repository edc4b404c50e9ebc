"""Results that the paper mentions but does not show: a second fully connected layer, and the cross-entropy loss.

Ref: wu2019, Section 1; Footnote 4
"""

from collections.abc import Mapping, Sequence

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData

TABLES = ("linear",)
COMMON = {
    "kind": "observation",
    "threshold": "mean within {margin} of 0 at each n, on each task",
    "figure": "wu2019-variants",
}
CLAIMS = {
    "wu2019-two-layer-third_person": {
        "precision": 0.005,
        "quote": "This model has the same generalization behavior as a single-layer linear classifier in all of our "
        "experiments",
        "scope": "Task-3rdCtrl",
        "over": "n",
        "where": "Section 1",
        "statement": "A fully connected linear network with two layers generalises like Model-1-Layer on Task-3rdCtrl.",
        "statistic": "test error with two layers minus that of Model-1-Layer on the same training set",
        "settings": {
            "variant": {"model": "two_layer", "loss": "hinge"},
            "usual": {"model": "one_layer", "loss": "hinge"},
            "tasks": ["third_person"],
            "margin": 0.02,
        },
    },
    "wu2019-cross-entropy": {
        "precision": 0.0125,
        "quote": "We also tried cross entropy loss with sigmoid and found no much difference from using the hinge loss",
        "scope": "the three tasks",
        "over": "n",
        "where": "Section 4, footnote 4",
        "statement": "Model-Conv-k generalises not much differently with the cross-entropy loss and the hinge loss.",
        "note": "The paper gives no number of steps. Training with the cross-entropy loss never stops, and the "
        "difference grows slowly with the steps.",
        "statistic": "test error with the cross-entropy loss minus that with the hinge loss on the same training set",
        "settings": {
            "variant": {"model": "conv", "loss": "cross_entropy"},
            "usual": {"model": "conv", "loss": "hinge"},
            "tasks": ["cls", "first_person", "third_person"],
            "margin": 0.05,
        },
    },
}


def evidence(
    tables: Tables,
    experiments: list[str],
    variant: Mapping[str, str],
    usual: Mapping[str, str],
    tasks: Sequence[str],
    margin: float,
) -> Evidence:
    """For each of ``tasks`` that the variant has, one test at each sample size for which both errors are available.

    Ref: wu2019, Section 1; Footnote 4
    """
    runs = rows_of(tables["linear"], experiments, **variant)
    own = [task for task in tasks if (runs["task"] == task).any()]
    if not own:
        raise InsufficientData(f"no rows with task = {' or '.join(tasks)} in {', '.join(experiments)}")
    return [
        test
        for task in own
        for other in [rows_of(tables["linear"], experiments, task=task, **usual)]
        for test in at_each_size(differences(runs[runs["task"] == task], other), -margin, margin, f"{task}: ")
    ]
