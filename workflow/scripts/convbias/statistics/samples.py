"""How many samples a model needs for a given error, and how that number grows."""

from collections.abc import Mapping
from math import inf

import numpy as np
import pandas as pd

from convbias.statistics.evidence import InsufficientData, Test, jackknife_test
from convbias.statistics.summary import RESAMPLES, Bootstrap


def crossing(n_train: np.ndarray, errors: list[np.ndarray], target: float) -> Bootstrap:
    """The sample size at which the mean error falls below ``target``.

    ``errors`` holds one array for each of the rising ``n_train``, of independent training sets, which are drawn anew at
    each size. Between two sizes the logarithm of the error is taken to be linear in n; where the error comes to 0, the
    error itself. Infinite where the mean does not pass the target between the smallest and the largest size.
    """
    if len(n_train) < 2:
        return Bootstrap.nothing("a crossing takes two sample sizes")
    stream = np.random.Generator(np.random.Philox(0))
    means = [np.append(error.mean(), stream.choice(error, (RESAMPLES, len(error))).mean(1)) for error in errors]
    value, *samples = first_below(np.asarray(n_train, dtype=float), np.array(means), target)
    return Bootstrap(float(value), np.array(samples), f"the mean error does not pass {target:g} at these sample sizes")


def first_below(n_train: np.ndarray, means: np.ndarray, target: float) -> np.ndarray:
    """For each column of means (size, column) where it first falls below the target; infinite outside the sizes.

    It takes two sizes.
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
    """Whether the slope of log m(e) over the log of the keys, which ``by`` names, is between the bounds.

    m(e) is where the mean over seeds of the errors, a row for each seed and a column for each n, comes below e: a
    single seed's need not. The jackknife leaves out one seed at a time, at all keys and n. Seeds that lack an error
    somewhere are left out of all.

    Ref: brutzkus2021, Theorem 5.1

    Raises:
        InsufficientData: there are less than three keys, two sizes or two seeds, or the mean of all seeds, or without one, does
            not come below e, or is from the start.
    """
    if len(errors) < 3:
        raise InsufficientData(f"{name}: a slope takes three {by}; there are {list(errors)}")
    seeds = sorted(set.intersection(*(set(table.dropna().index) for table in errors.values())))
    left_out = max(len(table) for table in errors.values()) - len(seeds)
    if len(seeds) < 2:
        raise InsufficientData(
            f"{name}: the jackknife takes two seeds with an error at every {by} and n; there are {seeds}"
        )
    needed = []
    for key, table in errors.items():
        m = table.columns.to_numpy(dtype=float)
        own = table.loc[seeds].to_numpy()
        means = np.column_stack([own.mean(0), *(np.delete(own, seed, 0).mean(0) for seed in range(len(own)))])
        at = first_below(m, means, error) if len(m) > 1 else np.array([np.nan])
        if not np.isfinite(at).all():
            sizes = ", ".join(f"{size:g}" for size in m)
            raise InsufficientData(
                f"{name}: with {by} = {key} the mean error does not pass {error:g} between n = {sizes}"
            )
        needed.append(np.log(at))
    whole, *without = np.polyfit(np.log(np.array(list(errors), dtype=float)), np.array(needed), 1)[0]
    return jackknife_test(name, float(whole), [*without, *[np.nan] * left_out], above, below)
