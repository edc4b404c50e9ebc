"""From rows of networks to what a figure shows of them."""

import pandas as pd
from scipy import stats

UNFINISHED = ("diverged", "step_limit")  # ways to stop that leave no result


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
