"""From tables to what a claim compares: rows of its experiments, pairs on the same training set, theory's counts."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isnan

import numpy as np
import pandas as pd

from convbias.statistics.evidence import Check, InsufficientData, Test, mean_test
from convbias.statistics.summary import first, like, select
from convbias.stops import UNFINISHED

# Columns that identify a network within an experiment, and columns with what came out. All others are settings.
NETWORK = ("task", "model", "loss", "training", "n_train", "seed", "init_seed", "step")
RESULTS = (
    *("steps", "stopped", "train_loss", "train_error", "test_error"),
    *("sigma1", "sigma2", "degenerate", "gaussian_test_error"),
)
CHANCE = 0.5  # the error of guessing: what a training set of wu2019 can at most be expected to make a difference of


def rows_of(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """Rows with these values of the first of some experiments that has any, and of others with the same settings.

    A network that several of them have is taken once: the others add sample sizes and training sets.

    Raises:
        InsufficientData: none has any.
    """
    rows = select(table, experiments, **where)
    own = first(rows, experiments)
    if own.empty:
        raise _lacking(experiments, where)
    if "seed" not in rows:
        return own
    same = like(rows, own.iloc[0], *(name for name in rows if name not in ("experiment", *NETWORK, *RESULTS)))
    if "steps" in rows:  # where training takes a set number of steps, that is a setting
        taken = rows[rows["stopped"] == "all_steps"].groupby("experiment")["steps"].max().to_dict()
        mine = taken.get(own["experiment"].iloc[0])
        same = same[[taken.get(name, mine) == mine for name in same["experiment"]]]
    same = pd.concat([same[same["experiment"] == name] for name in experiments])
    return same[~same.duplicated([name for name in NETWORK if name in rows])]


def _lacking(experiments: list[str], where: Mapping[str, object]) -> InsufficientData:
    wanted = ", ".join(f"{column} = {value}" for column, value in where.items())
    return InsufficientData(f"no rows with {wanted} in {', '.join(experiments)}")


def each(table: pd.DataFrame, experiments: list[str], column: str, **where: object) -> dict[int | float, pd.DataFrame]:
    """``rows_of`` for each number in a column, in rising order.

    Raises:
        InsufficientData: there is none.
    """
    rows = select(table, experiments, **where)
    if rows[column].isna().all():
        raise _lacking(experiments, {column: "any", **where})
    parts = dict(iter(rows.groupby(column)))
    alone = {number: len(set(part["experiment"])) == 1 for number, part in parts.items()}  # rows_of takes its time
    return {number: part if alone[number] else rows_of(part, experiments) for number, part in parts.items()}


def errors_by(runs: pd.DataFrame, column: str) -> pd.DataFrame:
    """The test error by seed (rows) and another column, NaN where a network diverged or did not finish."""
    return finished(runs).pivot(index="seed", columns=column, values="finished_error")  # noqa: PD010 (no averaging)


def quantities(table: pd.DataFrame, experiments: list[str], names: Sequence[str], by: str) -> pd.DataFrame:
    """The rows of theory's table with these quantities, one row for each number in the column ``by``.

    Columns are (what, quantity), where what is value, low or high.

    Raises:
        InsufficientData: a quantity is not there, for all of these numbers or one.
    """
    rows = pd.concat(rows_of(table, experiments, quantity=name) for name in names)
    found = rows.pivot(index=by, columns="quantity", values=["value", "low", "high"])  # noqa: PD010 (no averaging)
    if lacking := [f"{name} at {by} = {at:g}" for name in names for at in found.index[found["value", name].isna()]]:
        raise InsufficientData(f"not in {', '.join(experiments)}: {', '.join(lacking)}")
    return found


def counted(table: pd.DataFrame, experiments: list[str], prefix: str = "") -> Check:
    """The check that theory's table has as ``<prefix>cases``, ``<prefix>violations`` and maybe ``<prefix>deviation``.

    Rows add up, all of the first experiment that has cases; of the deviations it is the largest.

    Raises:
        InsufficientData: there are no cases, or no violations to each.
    """
    cases = rows_of(table, experiments, quantity=f"{prefix}cases")
    own = [str(cases["experiment"].iloc[0])]
    violations = rows_of(table, own, quantity=f"{prefix}violations")
    values = [rows["value"].dropna() for rows in (cases, violations)]
    if not len(cases) == len(values[0]) == len(values[1]):
        raise InsufficientData(
            f"{own[0]} has {len(values[0])} values of {prefix}cases and {len(values[1])} of its violations"
        )
    deviation = float(select(table, own, quantity=f"{prefix}deviation")["value"].max())
    name = prefix.strip("_").replace("_", " ") or "in all"
    told = "" if isnan(deviation) else f"largest deviation {deviation:.1g}"
    return Check(name, int(values[0].sum()), int(values[1].sum()), deviation, told)


def check_from(name: str, holds: pd.Series, latest: float) -> Check:
    """Whether a statement holds at every number of the index from some on that is at most ``latest``.

    Which that is stands in ``estimate``. Cases are the numbers from there on, but at least those from ``latest`` on.

    Raises:
        InsufficientData: the numbers do not come to ``latest``.
    """
    holds = holds.sort_index()
    if not len(holds) or holds.index[-1] < latest:
        raise InsufficientData(f"{name}: there is nothing at {latest:g} or above")
    fails = holds.index[~holds]
    after = holds.index[holds.index > fails[-1]] if len(fails) else holds.index
    start = float(after[0]) if len(after) else inf
    counts = holds[holds.index >= min(start, latest)]
    return Check(name, len(counts), int((~counts).sum()), start, f"from {holds.index.name} = {start:g} on")


def excess(runs: pd.DataFrame, expected: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """``differences`` from what is known to be expected at each of some rising sample sizes."""
    sizes = np.unique(runs["n_train"])
    known = runs["n_train"].map(dict(zip(sizes.tolist(), expected(sizes).tolist(), strict=True)))
    return differences(runs, runs.assign(test_error=known).drop(columns="stopped", errors="ignore"))


def differences(a: pd.DataFrame, b: pd.DataFrame, *on: str) -> pd.DataFrame:
    """The test error of a minus that of b on the same training sets, NaN where a network diverged or did not finish.

    ``on`` are the columns that say what goes together. ``trials`` and ``scale`` are those of ``mean_test``: the inputs
    of a test set, each of which can be misclassified, or, where that is the whole dataset, the one training set.

    Raises:
        InsufficientData: they have nothing in common.
    """
    on = on or ("n_train", "seed")
    both = finished(a).merge(finished(b)[[*on, "finished_error"]], on=list(on), suffixes=("", "_b"))
    if both.empty:
        raise InsufficientData(f"the networks to be compared have no {' and '.join(on)} in common")
    both["difference"] = both["finished_error"] - both["finished_error_b"]
    drawn = "n_test" in both  # else the test set is all of the dataset, and what is drawn is the training set
    both["trials"] = np.where(both["difference"].isna(), 0, both["n_test"] if drawn else 1)
    both["scale"] = 1.0 if drawn else CHANCE
    return both[[*on, "difference", "trials", "scale"]]


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows with their test error as ``finished_error``, NaN where a network diverged or did not finish."""
    there = ~runs["stopped"].isin(UNFINISHED) if "stopped" in runs else pd.Series(True, runs.index)
    return runs.assign(finished_error=runs["test_error"].where(there))


def at_each_size(
    pairs: pd.DataFrame, above: float = -inf, below: float = inf, prefix: str = "", smallest: int = 0
) -> list[Test]:
    """The mean difference at each sample size from ``smallest`` on.

    Raises:
        InsufficientData: there is no such size.
    """
    sizes = sorted(size for size in set(pairs["n_train"]) if size >= smallest)
    if not sizes:
        raise InsufficientData(f"{prefix}no training sets of {smallest} samples or more")
    return [
        mean_test(f"{prefix}n = {size}", part["difference"], above, below, part["trials"].sum(), part["scale"].max())
        for size in sizes
        for part in [pairs[pairs["n_train"] == size]]
    ]


def over_sizes(pairs: pd.DataFrame, above: float, smallest: int, prefix: str = "") -> Test:
    """The mean difference over all sample sizes from ``smallest`` on, one value a seed.

    Raises:
        InsufficientData: there is no such size.
    """
    large = pairs[pairs["n_train"] >= smallest]
    if large.empty:
        raise InsufficientData(f"{prefix}no training sets of {smallest} samples or more")
    means = large.pivot(index="seed", columns="n_train", values="difference").mean(axis=1, skipna=False)  # noqa: PD010
    name, trials = f"{prefix}mean over n ≥ {smallest}", large.loc[large["seed"].isin(means.dropna().index), "trials"]
    return mean_test(name, means, above, trials=trials.sum(), scale=large["scale"].max())
