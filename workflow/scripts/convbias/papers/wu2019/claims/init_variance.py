"""Most of the variance of the hinge test error is due to the initial weights, not to the training set.

Ref: wu2019, Section 4
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import errors_by, rows_of
from convbias.statistics.evidence import Evidence, InsufficientData, Test, jackknife_test

TABLES = ("linear",)
COMMON = {
    "precision": 0.05,
    "looks": 2,
    "kind": "observation",
    "statistic": "proportion of the variance of the test error that is within training sets (Model-Conv-k trained with "
    "the hinge loss)",
    "threshold": "above {share} on each task",
    "figure": "wu2019-fig6",
    "settings": {"share": 0.5},
}
CLAIMS = {
    "wu2019-init-variance": {
        "quote": "the high variance with the normal hinge loss is caused by random initialization",
        "scope": "the three tasks",
        "over": "n",
        "where": "Section 4",
        "statement": "The high variance of Model-Conv-k's error with the hinge loss is caused by random "
        "initialisation.",
    },
}


def evidence(tables: Tables, experiments: list[str], share: float) -> Evidence:
    """On each task, one test at each sample size.

    Ref: wu2019, Section 4
    """
    runs = rows_of(tables["linear"], experiments, model="conv", loss="hinge")
    return [within_test(f"{task}: n = {n}", rows, share) for (task, n), rows in runs.groupby(["task", "n_train"])]


def within_test(name: str, runs: pd.DataFrame, above: float) -> Test:
    """Test whether the proportion of the variance that is within training sets, over initial weights, is above a bound.

    Let each training set have m networks. The variance V of the means of training sets estimates the variance between
    sets plus N. N is the variance W within sets, divided by m. So the proportion is W / (W + V - N) =
    m u^3 / (1 + (m - 1) u^3) with u = (N / V)^(1/3).

    This is Student's test on the pseudo-values of u without one training set at a time. We simulated it with 20 and 50
    sets of 20 networks. It holds its level for normal errors, for skewed errors within sets, and for beta distributions
    between sets that resemble those of errors. The same test on N / V or on its logarithm does not.

    Ref: wu2019, Section 4 (the high variance is caused by random initialization)

    Raises:
        InsufficientData: there are too few networks or training sets, or the training sets do not differ.
    """
    errors = errors_by(runs, "init_seed")
    count, variance = errors.count(axis=1), errors.var(axis=1)
    sets = pd.DataFrame({"mean": errors.mean(axis=1), "noise": variance / count})[count >= 2].to_numpy()
    finished = int(count.sum())
    if len(sets) < 3 or 2 * finished < len(runs):
        raise InsufficientData(
            f"{name}: {finished} of {len(runs)} networks have a result, and {len(sets)} training sets have two; "
            "at least half of the networks and three such sets are needed"
        )
    resamples = [sets, *(np.delete(sets, i, 0) for i in range(len(sets)))]
    between = np.array([resample[:, 0].var(ddof=1) for resample in resamples])
    if not between.all():
        raise InsufficientData(f"{name}: fewer than three training sets differ in their mean error")
    u, *without = np.cbrt([resample[:, 1].mean() for resample in resamples] / between)
    m = variance.mean() / sets[:, 1].mean() if u else 1  # the number of networks per set, if none is left out

    def share(u: float) -> float:
        cube = np.clip(u, 0, 1) ** 3
        return float(m * cube / (1 + (m - 1) * cube))

    bound = float(np.cbrt(1 / (1 + m * (1 / above - 1))))
    test = jackknife_test(name, u, np.array(without), above=bound)
    low, high, left_out = share(test.low), share(test.high), len(runs) - finished
    return replace(test, estimate=share(u), low=low, high=high, above=above, sample=finished, left_out=left_out)
