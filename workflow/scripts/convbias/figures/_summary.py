"""From rows of networks to what a figure shows of them."""

import numpy as np
import pandas as pd
from scipy import stats

UNFINISHED = ("diverged", "step_limit")  # ways to stop that leave no result
RESAMPLES = 2000  # of a bootstrap


def summarise(runs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean, standard deviation and 95 % interval of the mean of the test error, for each combination of ``by``.

    The interval is Student's. Networks that diverged or did not finish are counted in ``left_out`` and not used.
    """
    finished = ~runs["stopped"].isin(UNFINISHED) if "stopped" in runs else pd.Series(True, runs.index)
    error = runs["test_error"].where(finished).groupby([runs[column] for column in by], observed=True, sort=False)
    table = error.agg(mean="mean", sd="std", networks="count", drawn="size").reset_index()
    half = stats.t.ppf(0.975, table["networks"] - 1) * table["sd"] / table["networks"] ** 0.5
    return table.assign(
        low=table["mean"] - half, high=table["mean"] + half, left_out=table.pop("drawn") - table["networks"]
    )


def select(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """The rows of some experiments, as plain columns, where the columns named have the values given."""
    mask = table["experiment"].isin(experiments)
    for column, value in where.items():
        mask &= table[column] == value
    rows = table[mask]
    return rows.astype({name: object for name in rows.columns if isinstance(rows[name].dtype, pd.CategoricalDtype)})


def first(rows: pd.DataFrame, experiments: list[str]) -> pd.DataFrame:
    """The rows of the first of the experiments that has any."""
    there = set(rows["experiment"])
    return rows[rows["experiment"] == next((name for name in experiments if name in there), None)]


def rank_correlation(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> tuple[float, float, float]:
    """Spearman's correlation within each group, averaged over groups, with a 95 % (percentile bootstrap) interval.

    Rows are drawn anew within each group. NaN where a group has no spread, or less than three rows.
    """
    stream = np.random.Generator(np.random.Philox(0))
    estimates, samples = [], []
    for name in np.unique(group):
        mine = np.flatnonzero(group == name)
        if len(mine) < 3 or len(set(x[mine])) == 1 or len(set(y[mine])) == 1:
            return np.nan, np.nan, np.nan
        drawn = stream.choice(mine, (RESAMPLES, len(mine)))
        ranks = [stats.rankdata(np.vstack([values[mine], values[drawn]]), axis=1) for values in (x, y)]
        a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
        with np.errstate(invalid="ignore"):  # a resample without spread has no correlation
            one, *many = (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))
        estimates.append(one)
        samples.append(many)
    low, high = np.nanpercentile(np.mean(samples, axis=0), [2.5, 97.5])
    return float(np.mean(estimates)), float(low), float(high)
