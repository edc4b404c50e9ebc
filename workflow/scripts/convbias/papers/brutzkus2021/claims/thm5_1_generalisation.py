"""Under Theorem 5.1's settings the test error is O(sqrt(d/m)), and the samples needed grow at most linearly in d.

Ref: brutzkus2021, Theorem 5.1
"""

from collections.abc import Mapping
from math import inf

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, Missing, Test, jackknife_test, slope_test
from convbias.statistics.summary import first_below

TABLES = ("patterns",)
COMMON = {
    "kind": "statistical",
    "statistic": "slope of log m(e), the samples needed for a mean error e, over log d; of error √(m/d) over log m",
    "threshold": "the first below {power}, with e = {error}; the second below 0 for each d",
    "figure": "brutzkus2021-thm5-1",
    "settings": {"error": 0.1, "power": 1.5},
}
CLAIMS = {
    "brutzkus2021-thm5.1-generalisation": {
        "where": "Theorem 5.1 (2)",
        "statement": "Under Theorem 5.1's settings the error is O(√(d/m)): samples needed grow at most linearly in d.",
    },
}


def evidence(tables: Tables, experiments: list[str], error: float, power: float) -> Evidence:
    """One test over d, by the jackknife over seeds, and one for each d.

    Ref: brutzkus2021, Theorem 5.1
    """
    runs = each(tables["patterns"], experiments, "d", task="orthogonal", training="layerwise_limit")
    errors = {d: errors_by(rows, "n_train") for d, rows in runs.items()}
    found: list[Test] = [samples_test(f"slope of log m({error:g})", "d", errors, error, below=power)]
    for d, values in errors.items():
        m = values.columns.to_numpy(dtype=float)
        scale, tests = (m / d) ** 0.5, int(runs[d]["n_test"].min())
        found.append(
            slope_test(f"slope of error √(m/d), d = {d}", np.log(m), values * scale, below=0, trials=tests, scale=scale)
        )
    return found


def samples_test(
    name: str,
    by: str,
    errors: Mapping[int | float, pd.DataFrame],
    error: float,
    above: float = -inf,
    below: float = inf,
) -> Test:
    """Whether the slope of log m(e) over the log of the keys, which ``by`` names, is between the bounds.

    m(e) is where the mean over seeds of the errors, a row for each seed and a column for each n, comes below e: a
    single seed's need not. The jackknife leaves out one seed at a time, at all keys and n. Seeds that lack an error
    somewhere are left out of all.

    Ref: brutzkus2021, Theorem 5.1

    Raises:
        Missing: there are less than three keys, two sizes or two seeds, or the mean of all seeds, or without one, does
            not come below e, or is from the start.
    """
    if len(errors) < 3:
        raise Missing(f"{name}: a slope takes three {by}; there are {list(errors)}")
    seeds = sorted(set.intersection(*(set(table.dropna().index) for table in errors.values())))
    left_out = max(len(table) for table in errors.values()) - len(seeds)
    if len(seeds) < 2:
        raise Missing(f"{name}: the jackknife takes two seeds with an error at every {by} and n; there are {seeds}")
    needed = []
    for key, table in errors.items():
        m = table.columns.to_numpy(dtype=float)
        own = table.loc[seeds].to_numpy()
        means = np.column_stack([own.mean(0), *(np.delete(own, seed, 0).mean(0) for seed in range(len(own)))])
        at = first_below(m, means, error) if len(m) > 1 else np.array([np.nan])
        if not np.isfinite(at).all():
            sizes = ", ".join(f"{size:g}" for size in m)
            raise Missing(f"{name}: with {by} = {key} the mean error does not pass {error:g} between n = {sizes}")
        needed.append(np.log(at))
    whole, *without = np.polyfit(np.log(np.array(list(errors), dtype=float)), np.array(needed), 1)[0]
    return jackknife_test(name, float(whole), [*without, *[np.nan] * left_out], above, below)
