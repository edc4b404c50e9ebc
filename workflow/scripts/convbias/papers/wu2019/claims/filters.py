"""What learning the filter adds, where the filter goes, and what a sum or a ReLU after it adds or breaks.

Ref: wu2019, Section 5 (future work: convolution as prior knowledge)
"""

from math import inf

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import counted, rows_of
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "looks": 2,
    "precision": 0.005,
    "kind": "extension",
    "scope": "the three tasks, d = 100, k = 5, hinge loss",
    "over": "n",
    "where": "Section 5 (extended)",
    "figure": "wu2019-filters",
}
CLAIMS = {
    "wu2019-frozen-limit": {
        "statement": "A frozen filter, the v of the training set's limit, is not worse than a filter that learns.",
        "statistic": "test error of Model-Conv-k minus that with the frozen filter, on the same training set",
        "threshold": "mean above -{margin} (our threshold) on each task, at each n",
        "settings": {"first": "joint_error", "less": "limit_error", "margin": 0.02},
    },
    "wu2019-frozen-ones": {
        "statement": "A frozen filter with equal entries, which knows no training sample, is not worse either.",
        "statistic": "test error of Model-Conv-k minus that with the frozen filter, on the same training set",
        "threshold": "mean above -{margin} (our threshold) on each task, at each n",
        "settings": {"first": "joint_error", "less": "ones_error", "margin": 0.02},
    },
    "wu2019-frozen-random": {
        "statement": "A frozen filter with the initial entries is worse than a filter that learns.",
        "statistic": "test error with the frozen filter minus that of Model-Conv-k, on the same training set",
        "threshold": "mean above 0 on each task, at each n",
        "settings": {"first": "random_error", "less": "joint_error"},
        "note": "Some random filters make the problem ill-conditioned. Networks that do not fit their training set "
        "within the step limit are left out.",
    },
    "wu2019-alignment": {
        "precision": 0.05,
        "statement": "Training turns the filter towards v of the training set's limit.",
        "statistic": "absolute cosine of the angle between v and the learned filter, minus that of the initial filter",
        "threshold": "mean above 0 on each task, at each n",
        "settings": {"first": "alignment", "less": "start"},
    },
    "wu2019-sum-pooling": {
        "precision": 0,
        "over": "",
        "scope": "Task-Cls, b = 0.1",
        "statement": "With a sum over positions instead of w2, one sample from position k on suffices on Task-Cls.",
        "statistic": "training sets with such a sample on which the trained network has an error",
        "threshold": "none",
        "settings": {"prefix": "filter_cls_sum_"},
        "note": "All effective weights from position k on are the sum of the filter. So it cannot solve the two "
        "other tasks, where positions have different signs.",
    },
    "wu2019-one-relu": {
        "precision": 0,
        "over": "",
        "scope": "Task-Cls, one filter",
        "statement": "With a ReLU after the convolution, no weights solve Task-Cls.",
        "statistic": "drawn filters with which a linear program finds a linear layer that classifies all points",
        "threshold": "none",
        "settings": {"prefix": "filter_relu_"},
        "note": "Let P and N be the positive and the negative part of the filter. The outputs are P * w2 and N * w2. "
        "If the first is positive and the second negative everywhere, then N * P * w2 has two signs.",
    },
}


def evidence(
    tables: Tables, experiments: list[str], first: str = "", less: str = "", margin: float = 0, prefix: str = ""
) -> Evidence:
    """On each task, one test at each sample size, over training sets; or an exact check.

    Ref: wu2019, Section 5
    """
    if prefix:
        return [counted(tables["theory"], experiments, prefix)]
    sub_tests = []
    for task in ("cls", "first_person", "third_person"):
        one, other = (_values(tables, experiments, f"filter_{task}_{name}") for name in (first, less))
        for n, gap in (one - other).groupby("n_train"):
            values = gap.to_numpy(dtype=float, na_value=np.nan)
            sub_tests.append(mean_test(f"{task}: n = {n:g}", values, -margin, inf))
    return sub_tests


def _values(tables: Tables, experiments: list[str], quantity: str) -> pd.Series:
    """The value of each training set."""
    rows = rows_of(tables["theory"], experiments, quantity=quantity)
    return rows.set_index(["n_train", "seed"])["value"].astype(float)
