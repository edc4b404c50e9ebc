"""Summaries of networks: means, proportions and correlations, with their intervals."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from convbias.stops import UNFINISHED

RESAMPLES = 9999  # of a bootstrap; the smallest possible p-value is 0.0001
NO_INTERVAL = (np.nan, np.nan, np.nan)


class Bootstrap(NamedTuple):
    """A statistic with its values on resamples; if there are none, ``why`` gives the reason."""

    estimate: float
    samples: np.ndarray
    why: str = ""

    @classmethod
    def nothing(cls, why: str) -> "Bootstrap":
        """An undefined statistic, with the reason."""
        return cls(np.nan, np.empty(0), why)

    def interval(self) -> tuple[float, float, float]:
        """The estimate with its 95 % percentile interval; NaN for a number that is not finite."""
        if not len(self.samples):
            return NO_INTERVAL
        samples = np.sort(self.samples[~np.isnan(self.samples)])
        low, high = samples[[int(0.025 * len(samples)), int(0.975 * len(samples))]]
        return tuple(float(x) if np.isfinite(x) else np.nan for x in (self.estimate, low, high))  # type: ignore[return-value]


def summarise(runs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean, standard deviation, quantiles and 95 % interval of the mean of the test error, for each value of ``by``.

    The quantiles are of 10 % (``p10``) and 90 % (``p90``) of the networks, and the interval is Student's. Networks that
    diverged or did not finish are excluded; ``left_out`` counts them.
    """
    finished = ~runs["stopped"].isin(UNFINISHED) if "stopped" in runs else pd.Series(True, runs.index)
    error = runs["test_error"].where(finished).groupby([runs[column] for column in by], observed=True, sort=False)
    table = error.agg(mean="mean", sd="std", networks="count", drawn="size").reset_index()
    table["p10"], table["p90"] = error.quantile(0.1).to_numpy(), error.quantile(0.9).to_numpy()
    half = stats.t.ppf(0.975, table["networks"] - 1) * table["sd"] / table["networks"] ** 0.5
    return table.assign(
        low=table["mean"] - half, high=table["mean"] + half, left_out=table.pop("drawn") - table["networks"]
    )


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The mean with its 95 % (Student) interval; NaN if there are fewer than two values."""
    if len(values) < 2:
        return NO_INTERVAL
    mean, half = values.mean(), stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(mean), float(mean - half), float(mean + half)


def share_interval(hits: np.ndarray) -> tuple[float, float, float]:
    """The proportion of hits with its 95 % (Clopper-Pearson) interval; NaN if there are no values."""
    if not len(hits):
        return NO_INTERVAL
    interval = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, "exact")
    return float(hits.mean()), float(interval.low), float(interval.high)


def spread_ratio(x: np.ndarray, y: np.ndarray) -> Bootstrap:
    """The standard deviation of x over that of y; undefined if y does not vary. The bootstrap resamples pairs."""
    if len(y) < 2 or y.std() == 0:
        return Bootstrap.nothing("the denominator does not vary")
    drawn = np.random.Generator(np.random.Philox(0)).integers(len(x), size=(RESAMPLES, len(x)))
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample in which y does not vary
        return Bootstrap(float(x.std() / y.std()), x[drawn].std(1) / y[drawn].std(1))


def select(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """The rows of some experiments with the given column values; categorical columns become plain ones."""
    rows = table[table["experiment"].isin(experiments)]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return rows.astype({name: object for name in rows.columns if isinstance(rows[name].dtype, pd.CategoricalDtype)})


def like(rows: pd.DataFrame, model: pd.Series, *columns: str) -> pd.DataFrame:
    """The rows that agree with a given network in some columns; two missing values agree."""
    own, others = model[list(columns)], rows[list(columns)]
    return rows[((others == own) | (others.isna() & own.isna())).all(axis=1)]


def first(rows: pd.DataFrame, experiments: list[str]) -> pd.DataFrame:
    """The rows of the first of the experiments that has any."""
    available = set(rows["experiment"])
    return rows[rows["experiment"] == next((name for name in experiments if name in available), None)]


def rank_correlation(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> Bootstrap:
    """Spearman's correlation within each group, averaged over groups.

    The bootstrap resamples rows within each group. The correlation is undefined if a group has fewer than three rows or
    no spread.
    """
    stream = np.random.Generator(np.random.Philox(0))
    estimates, samples = [], []
    for name in np.unique(group):
        mine = np.flatnonzero(group == name)
        if len(mine) < 3 or len(set(x[mine])) == 1 or len(set(y[mine])) == 1:
            return Bootstrap.nothing("a correlation needs at least three pairs that differ")
        drawn = np.vstack([mine, stream.choice(mine, (RESAMPLES, len(mine)))])
        a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in (_ranks(x, drawn), _ranks(y, drawn)))
        with np.errstate(invalid="ignore"):  # a resample without spread has no correlation
            one, *many = (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))
        estimates.append(one)
        samples.append(many)
    if not samples:
        return Bootstrap.nothing("there are no pairs")
    return Bootstrap(float(np.mean(estimates)), np.mean(samples, axis=0))


def _ranks(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The ranks of ``values[drawn]`` in each row; ties have their mean rank. It counts instead of sorting."""
    distinct, place = np.unique(values, return_inverse=True)
    own = place[drawn]
    cells = own + len(distinct) * np.arange(len(own))[:, None]
    counts = np.bincount(cells.ravel(), minlength=len(own) * len(distinct)).reshape(len(own), -1)
    return (counts.cumsum(1) - (counts - 1) / 2).ravel()[cells]


def correlation_of_means(groups: list[np.ndarray]) -> Bootstrap:
    """Pearson's correlation, over groups, between the two column means of each group; a group has a row per pair.

    The bootstrap resamples pairs within each group. The correlation is undefined with fewer than three groups.
    """
    if len(groups) < 3:
        return Bootstrap.nothing(f"a correlation of means needs at least three groups; there are {len(groups)}")
    stream = np.random.Generator(np.random.Philox(0))
    drawn = [stream.integers(len(group), size=(RESAMPLES, len(group))) for group in groups]
    a, b = (
        np.array([np.append(x.mean(), x[rows].mean(1)) for x, rows in zip(column, drawn, strict=True)])
        for column in zip(*(np.ascontiguousarray(group.T) for group in groups), strict=True)
    )
    a, b = a - a.mean(0), b - b.mean(0)
    with np.errstate(invalid="ignore"):  # a resample without spread has no correlation
        one, *many = (a * b).sum(0) / np.sqrt((a * a).sum(0) * (b * b).sum(0))
    return Bootstrap(float(one), np.array(many))
