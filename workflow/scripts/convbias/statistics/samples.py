"""Sample complexity: how many samples a model needs for a given error, and how that number grows."""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, inf, log
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from convbias.statistics.evidence import InsufficientData, Test, jackknife_test
from convbias.statistics.summary import RESAMPLES, Bootstrap


def crossing(n_train: np.ndarray, errors: list[np.ndarray], target: float) -> Bootstrap:
    """The sample size at which the mean error falls below ``target``.

    ``errors`` holds one array for each of the rising ``n_train``. Training sets are independent, also between sizes.
    Between two sizes, the logarithm of the error is interpolated linearly in n. If the error falls to 0, the error
    itself is interpolated. The result is infinite if the mean does not cross the target at the given sizes.
    """
    if len(n_train) < 2:
        return Bootstrap.nothing("a crossing needs at least two sample sizes")
    stream = np.random.Generator(np.random.Philox(0))
    means = [np.append(error.mean(), stream.choice(error, (RESAMPLES, len(error))).mean(1)) for error in errors]
    value, *samples = first_below(np.asarray(n_train, dtype=float), np.array(means), target)
    return Bootstrap(float(value), np.array(samples), f"the mean error does not cross {target:g} at these sample sizes")


def first_below(n_train: np.ndarray, means: np.ndarray, target: float) -> np.ndarray:
    """The sample size at which each column of means (size, column) first falls below the target.

    It is -inf if a column starts below the target, and inf if it never falls below. At least two sizes are needed.
    """
    below = means < target
    after = below.argmax(0)
    column = np.arange(means.shape[1])
    at = np.maximum(after, 1)
    above, under = means[at - 1, column], means[at, column]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(under > 0, np.log(above / target) / np.log(above / under), (above - target) / above)
    n = n_train[at - 1] + share * (n_train[at] - n_train[at - 1])
    return np.where(below.any(0), np.where(after == 0, -np.inf, n), np.inf)


def samples_test(
    name: str,
    by: str,
    errors: Mapping[int | float, pd.DataFrame],
    error: float,
    above: float = -inf,
    below: float = inf,
) -> Test:
    """Test of whether the slope of log m(e) against the log of the keys is between the bounds; ``by`` names the keys.

    m(e) is the sample size at which the mean error over seeds falls below e. The error of a single seed may never do
    so. ``errors`` holds a table for each key, with a row for each seed and a column for each n. The jackknife leaves
    out one seed at a time, at all keys and n. A seed with a missing error is left out everywhere.

    Ref: brutzkus2021, Section 6

    Raises:
        InsufficientData: there are fewer than three keys, two sizes or two seeds. Or the mean error, of all seeds or
            without one of them, does not cross e at the given sizes.
    """
    if len(errors) < 3:
        raise InsufficientData(f"{name}: a slope needs at least three values of {by}; there are {list(errors)}")
    needed, left_out = _log_needed(name, by, errors, error)
    whole, *without = np.polyfit(np.log(np.array(list(errors), dtype=float)), needed, 1)[0]
    return jackknife_test(name, float(whole), [*without, *[np.nan] * left_out], above, below)


def ratio_test(
    name: str, models: Mapping[str, pd.DataFrame], error: float, above: float = -inf, below: float = inf
) -> Test:
    """Test of whether the first of two models needs that many times as many samples as the second.

    The tables are those of ``samples_test``, and the bounds are positive. The jackknife is over seeds, on the
    logarithm.

    Raises:
        InsufficientData: as in ``samples_test``.
    """
    needed, left_out = _log_needed(name, "model", models, error)
    whole, *without = needed[0] - needed[1]
    bounds = [log(bound) if bound > 0 else -inf for bound in (above, below)]
    test = jackknife_test(name, float(whole), [*without, *[np.nan] * left_out], *bounds)
    low, estimate, high = (exp(value) for value in (test.low, test.estimate, test.high))
    return replace(test, estimate=estimate, low=low, high=high, above=above, below=below)


def _log_needed(
    name: str, by: str, errors: Mapping[Any, pd.DataFrame], error: float
) -> tuple[Float[np.ndarray, "key without"], int]:
    """log m(e) for each key, of all seeds and without each of them; and how many seeds are left out everywhere.

    Raises:
        InsufficientData: as in ``samples_test``.
    """
    seeds = sorted(set.intersection(*(set(table.dropna().index) for table in errors.values())))
    left_out = max(len(table) for table in errors.values()) - len(seeds)
    if len(seeds) < 2:
        raise InsufficientData(
            f"{name}: the jackknife needs at least two seeds with an error at every {by} and n; there are {seeds}"
        )
    needed = []
    for key, table in errors.items():
        m = table.columns.to_numpy(dtype=float)
        own = table.loc[seeds].to_numpy()
        means = np.column_stack([own.mean(0), *(np.delete(own, seed, 0).mean(0) for seed in range(len(own)))])
        at = first_below(m, means, error) if len(m) > 1 else np.array([np.nan])
        if not np.isfinite(at).all():
            sizes = ", ".join(f"{size:g}" for size in m)
            raise InsufficientData(f"{name}: at {by} = {key} the mean error does not cross {error:g} at n = {sizes}")
        needed.append(np.log(at))
    return np.array(needed), left_out
