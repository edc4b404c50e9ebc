"""The data that claims compare: rows of their experiments, pairs on the same training set, counts from theory."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isnan

import numpy as np
import pandas as pd

from convbias.statistics.evidence import Check, InsufficientData, Test, mean_test
from convbias.statistics.summary import first, like, select
from convbias.stops import UNFINISHED

# Columns that identify a network within an experiment, and columns with its results. All others are settings.
NETWORK = ("task", "model", "loss", "training", "n_train", "seed", "init_seed", "step")
RESULTS = (
    *("steps", "stopped", "train_loss", "train_error", "test_error"),
    *("sigma1", "sigma2", "degenerate", "gaussian_test_error"),
)
CHANCE = 0.5  # the error of guessing: the largest expected change of the error by one training set of wu2019


def rows_of(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """Rows with these values: of the first experiment that has any, and of the others with the same settings.

    A network that several experiments contain is taken once. The other experiments add sample sizes and training sets.

    Raises:
        InsufficientData: no experiment has such rows.
    """
    rows = select(table, experiments, **where)
    own = first(rows, experiments)
    if own.empty:
        raise _lacking(experiments, where)
    if "quantity" in rows:  # the theory table
        return own
    same = like(rows, own.iloc[0], *(name for name in rows if name not in ("experiment", *NETWORK, *RESULTS)))
    if "steps" in rows:  # if training takes a fixed number of steps, that number is a setting
        taken = rows[rows["stopped"] == "all_steps"].groupby("experiment")["steps"].max().to_dict()
        mine = taken.get(own["experiment"].iloc[0])
        same = same[[taken.get(name, mine) == mine for name in same["experiment"]]]
    same = pd.concat([same[same["experiment"] == name] for name in experiments])
    return same[~same.duplicated([name for name in NETWORK if name in rows])]


def _lacking(experiments: list[str], where: Mapping[str, object]) -> InsufficientData:
    expected = ", ".join(f"{column} = {value}" for column, value in where.items())
    return InsufficientData(f"no rows with {expected} in {', '.join(experiments)}")


def each(table: pd.DataFrame, experiments: list[str], column: str, **where: object) -> dict[int | float, pd.DataFrame]:
    """``rows_of`` for each number in a column, in rising order.

    Raises:
        InsufficientData: the column holds no number.
    """
    rows = select(table, experiments, **where)
    if rows[column].isna().all():
        raise _lacking(experiments, {column: "any", **where})
    groups = dict(iter(rows.groupby(column)))
    single = {number: len(set(group["experiment"])) == 1 for number, group in groups.items()}  # rows_of is slow
    return {number: group if single[number] else rows_of(group, experiments) for number, group in groups.items()}


def errors_by(runs: pd.DataFrame, column: str) -> pd.DataFrame:
    """The test error by seed (rows) and another column; NaN if a network diverged or did not finish."""
    return finished(runs).pivot(index="seed", columns=column, values="finished_error")  # noqa: PD010 (no averaging)


def quantities(table: pd.DataFrame, experiments: list[str], names: Sequence[str], by: str) -> pd.DataFrame:
    """The rows of the theory table with these quantities, one row for each number in the column ``by``.

    Columns are pairs (kind, quantity); the kind is value, low or high.

    Raises:
        InsufficientData: a quantity is missing, for all of these numbers or for one.
    """
    rows = pd.concat(rows_of(table, experiments, quantity=name) for name in names)
    values = rows.pivot(index=by, columns="quantity", values=["value", "low", "high"])  # noqa: PD010 (no averaging)
    if lacking := [f"{name} at {by} = {at:g}" for name in names for at in values.index[values["value", name].isna()]]:
        raise InsufficientData(f"missing in {', '.join(experiments)}: {', '.join(lacking)}")
    return values


def by_seed(table: pd.DataFrame, experiments: list[str], quantity: str, column: str) -> pd.DataFrame:
    """The values of a quantity of the theory table by seed (rows) and another column.

    Raises:
        InsufficientData: the quantity is missing.
    """
    rows = rows_of(table, experiments, quantity=quantity)
    return rows.pivot(index="seed", columns=column, values="value")  # noqa: PD010 (no averaging)


def counted(table: pd.DataFrame, experiments: list[str], prefix: str = "") -> Check:
    """The check that the theory table stores as ``<prefix>cases``, ``<prefix>violations`` and ``<prefix>deviation``.

    The rows of the first experiment that has cases are summed. The deviation is optional; the largest one is reported.

    Raises:
        InsufficientData: there are no cases, or cases without a number of violations.
    """
    cases = rows_of(table, experiments, quantity=f"{prefix}cases")
    own = [str(cases["experiment"].iloc[0])]
    violations = rows_of(table, own, quantity=f"{prefix}violations")
    values = [rows["value"].dropna() for rows in (cases, violations)]
    if not len(cases) == len(values[0]) == len(values[1]):
        raise InsufficientData(
            f"{own[0]} has {len(values[0])} values of {prefix}cases, but {len(values[1])} of {prefix}violations"
        )
    deviation = float(select(table, own, quantity=f"{prefix}deviation")["value"].max())
    name = prefix.strip("_").replace("_", " ") or "in all"
    detail = "" if isnan(deviation) else f"largest deviation {deviation:.1g}"
    return Check(name, int(values[0].sum()), int(values[1].sum()), deviation, detail)


def check_from(name: str, holds: pd.Series, latest: float) -> Check:
    """Check whether a statement holds from some number of the index on, which is at most ``latest``.

    That number is the ``estimate``. The cases are the numbers from there on, but at least those from ``latest`` on.

    Raises:
        InsufficientData: all numbers are below ``latest``.
    """
    holds = holds.sort_index()
    if not len(holds) or holds.index[-1] < latest:
        raise InsufficientData(f"{name}: there are no values at {latest:g} or above")
    fails = holds.index[~holds]
    after = holds.index[holds.index > fails[-1]] if len(fails) else holds.index
    start = float(after[0]) if len(after) else inf
    counts = holds[holds.index >= min(start, latest)]
    return Check(name, len(counts), int((~counts).sum()), start, f"from {holds.index.name} = {start:g} on")


def excess(runs: pd.DataFrame, expected: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """``differences`` from a known expected error, a function of rising sample sizes."""
    sizes = np.unique(runs["n_train"])
    known = runs["n_train"].map(dict(zip(sizes.tolist(), expected(sizes).tolist(), strict=True)))
    return differences(runs, runs.assign(test_error=known).drop(columns="stopped", errors="ignore"))


def differences(a: pd.DataFrame, b: pd.DataFrame, *on: str) -> pd.DataFrame:
    """The test error of a minus that of b on the same training sets; NaN if a network diverged or did not finish.

    ``on`` names the columns that identify a pair. ``trials`` and ``scale`` are arguments of ``mean_test``. The trials
    are the inputs of a test set, each of which can be misclassified. If the test set is the whole dataset, the one
    training set is the trial.

    Raises:
        InsufficientData: a and b have no pair in common.
    """
    on = on or ("n_train", "seed")
    both = finished(a).merge(finished(b)[[*on, "finished_error"]], on=list(on), suffixes=("", "_b"))
    if both.empty:
        raise InsufficientData(f"the compared networks have no {' and '.join(on)} in common")
    both["difference"] = both["finished_error"] - both["finished_error_b"]
    drawn = "n_test" in both  # otherwise the test set is the whole dataset, and only the training set is random
    both["trials"] = np.where(both["difference"].isna(), 0, both["n_test"] if drawn else 1)
    both["scale"] = 1.0 if drawn else CHANCE
    return both[[*on, "difference", "trials", "scale"]]


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows with their test error as ``finished_error``; NaN if a network diverged or did not finish."""
    done = ~runs["stopped"].isin(UNFINISHED) if "stopped" in runs else pd.Series(True, runs.index)
    return runs.assign(finished_error=runs["test_error"].where(done))


def at_each_size(
    pairs: pd.DataFrame, above: float = -inf, below: float = inf, prefix: str = "", smallest: int = 0
) -> list[Test]:
    """The mean difference at each sample size from ``smallest`` on.

    Raises:
        InsufficientData: there is no such size.
    """
    large = pairs[pairs["n_train"] >= smallest]
    if large.empty:
        raise InsufficientData(f"{prefix}no training sets of {smallest} samples or more")
    return [
        mean_test(f"{prefix}n = {size}", rows["difference"], above, below, rows["trials"].sum(), rows["scale"].max())
        for size, rows in large.groupby("n_train")
    ]


def over_sizes(pairs: pd.DataFrame, above: float, smallest: int, prefix: str = "") -> Test:
    """The mean difference over all sample sizes from ``smallest`` on, with one value per seed.

    Raises:
        InsufficientData: there is no such size.
    """
    large = pairs[pairs["n_train"] >= smallest]
    if large.empty:
        raise InsufficientData(f"{prefix}no training sets of {smallest} samples or more")
    means = large.pivot(index="seed", columns="n_train", values="difference").mean(axis=1, skipna=False)  # noqa: PD010
    name, trials = f"{prefix}mean over n ≥ {smallest}", large.loc[large["seed"].isin(means.dropna().index), "trials"]
    return mean_test(name, means, above, trials=trials.sum(), scale=large["scale"].max())
