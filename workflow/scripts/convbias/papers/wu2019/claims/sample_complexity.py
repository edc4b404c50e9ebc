"""Model-Conv-k needs about 2k - 1 times fewer samples for a given error than Model-1-Layer.

Ref: wu2019, Section 3.3.2 (sample complexity)
"""

from collections.abc import Mapping
from math import log

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, Test, bootstrap_test
from convbias.statistics.samples import crossing
from convbias.statistics.summary import Bootstrap

TABLES = ("asymptotics", "linear")
COMMON = {
    "precision": 0.1,
    "statistic": "samples that Model-1-Layer needs for a mean error of {error}, divided by those of Model-Conv-k and "
    "by 2k - 1",
    "threshold": "between 1/{factor} and {factor} for each k",
    "figure": "wu2019-complexity",
    "settings": {"error": 0.05, "factor": 1.5},
}
CLAIMS = {
    "wu2019-sample-complexity": {
        "quote": "Model-Conv-k requires approximately 2k − 1 times fewer samples when k ≪ d and ε is small enough "
        "such that the first part in Theorem 4 is negligible",
        "scope": "Task-Cls, the limit of X-hinge, k ≪ d, small ε",
        "kind": "result",
        "over": "k",
        "where": "Section 3.3.2",
        "statement": "On Task-Cls, the X-hinge limit needs about 2k - 1 times fewer samples than Model-1-Layer.",
        "settings": {"table": "asymptotics", "where": {"task": "cls"}},
    },
    "wu2019-sample-complexity-hinge": {
        "scope": "Task-Cls, hinge loss",
        "kind": "extension",
        "over": "k",
        "where": "Section 3.3.2 (extended)",
        "statement": "With the hinge loss, Model-Conv-k needs about 2k - 1 times fewer samples than Model-1-Layer on "
        "Task-Cls.",
        "note": "Our extension: the paper derives the factor for the X-hinge limit, with k much smaller than d and a "
        "small error.",
        "settings": {"table": "linear", "where": {"task": "cls", "model": "conv", "loss": "hinge"}},
    },
}


def evidence(
    tables: Tables, experiments: list[str], table: str, where: Mapping[str, str], error: float, factor: float
) -> Evidence:
    """One test for each k that has networks with the first experiment's other settings.

    Ref: wu2019, Section 3.3.2 (sample complexity)
    """
    own = rows_of(tables[table], experiments, **where).iloc[0]
    same = {name: own[name] for name in ("d", "learning_rate", "init_scale") if name in own}
    filters = each(tables[table], experiments, "k", **where, **same)
    if len(filters) < 2:
        raise InsufficientData(f"there is only one filter size, {', '.join(map(str, filters))}; a comparison needs two")
    one_layer = log(2 * error) / log(1 - 1 / int(own["d"]))
    return [saving_test(f"k = {k}", rows, error, one_layer / (2 * k - 1), factor) for k, rows in filters.items()]


def saving_test(name: str, runs: pd.DataFrame, error: float, predicted: float, factor: float) -> Test:
    """Test whether the predicted sample size for an error, divided by the measured one, is about 1.

    Ref: wu2019, Section 3.3.2 (sample complexity)

    Raises:
        InsufficientData: the mean error does not cross it at these sizes, or fewer than half of the networks finished.
    """
    errors = errors_by(runs, "n_train")
    if few := [f"{n}" for n, available in errors.notna().mean().items() if available < 0.5]:
        raise InsufficientData(f"{name}: fewer than half of the networks have a result at n = {', '.join(few)}")
    needed = crossing(errors.columns.to_numpy(), [column.dropna().to_numpy() for _, column in errors.items()], error)

    if not all(map(np.isfinite, needed.interval())):
        raise InsufficientData(f"{name}: {needed.why}")

    def saving(n: np.ndarray) -> np.ndarray:
        return np.where(n > 0, predicted / n, np.inf)  # n is -inf if the smallest size is already enough

    result = Bootstrap(float(saving(np.array(needed.estimate))), saving(needed.samples), needed.why)
    return bootstrap_test(name, result, errors.to_numpy().ravel(), 1 / factor, factor)
