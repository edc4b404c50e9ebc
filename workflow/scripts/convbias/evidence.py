"""What speaks for a claim and what against: tests with intervals that hold at zero errors, and exact checks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, isnan

import numpy as np
import pandas as pd
from scipy import stats

from convbias.summary import UNFINISHED, Bootstrap, first, like, select

LEVEL = 0.05
ENOUGH = 10  # values that differ, for Student's test alone
CHANCE = 0.5  # the error of guessing: what a training set of wu2019 can at most be expected to make a difference of
# Columns that say how networks were trained, and those that tell them apart
SETTINGS = ("d", "k", "learning_rate", "init_scale", "l", "n_patterns", "noise", "noise_law", "width", "target_loss")
NETWORK = ("task", "model", "loss", "training", "n_train", "seed", "init_seed", "step")


class Missing(ValueError):
    """The tables lack what a claim needs; the message says what."""


@dataclass(frozen=True)
class Test:
    """A quantity that a claim says is above one bound and below another; the other may be infinite.

    ``low`` and ``high`` are its 95 % interval. ``p_supports`` is the p-value of the hypothesis that it is not between
    the bounds, ``p_contradicts`` of the hypothesis that it is. ``sample`` counts the values that the estimate is of,
    ``left_out`` those that are lacking because a network diverged or did not finish.
    """

    __test__ = False  # for pytest

    name: str
    estimate: float
    low: float
    high: float
    above: float
    below: float
    p_supports: float
    p_contradicts: float
    sample: int
    left_out: int = 0


@dataclass(frozen=True)
class Check:
    """A statement that was checked in each of some cases; ``told`` says what else the check found, ``estimate``."""

    name: str
    cases: int
    violations: int
    estimate: float = float("nan")
    told: str = ""

    def __post_init__(self) -> None:
        if self.cases < 1:
            raise Missing(f"{self.name}: there is no case to check")

    @property
    def p_supports(self) -> float:
        return float(self.violations > 0)

    @property
    def p_contradicts(self) -> float:
        return float(self.violations == 0)


Evidence = Sequence[Test | Check]


def mean_test(
    name: str,
    values: Sequence[float] | np.ndarray | pd.Series,
    above: float = -inf,
    below: float = inf,
    trials: float = inf,
    scale: float = 1,
) -> Test:
    """Whether the mean of independent values, NaN where one is left out, is between the bounds: Student's test.

    Where all values are the same but for a few (less than ten), their spread does not say how well the mean is known:
    then against a bound at a distance of q the p-value is at least (1 - q / scale)^trials, the probability that none of
    the ``trials`` shows what moves a value by ``scale`` and happens as often as it takes. Trials are the test inputs of
    all networks, which are then taken to err alike, or the training sets where errors are exact.

    Raises:
        Missing: less than two values, or less than half of them, are there.
    """
    everything = np.asarray(values, dtype=float)
    values = everything[~np.isnan(everything)]
    n = len(values)
    if n < max(2, len(everything) / 2):
        raise Missing(f"{name}: {n} of {len(everything)} values are there; at least half and two are needed")
    mean, error = float(values.mean()), float(values.std(ddof=1)) / n**0.5
    if n - np.unique(values, return_counts=True)[1].max() >= ENOUGH:
        trials = inf

    def p_value(gap: float) -> float:
        """Of the hypothesis that the mean is at least this gap away, on the side where the gap is positive."""
        student = float(stats.t.sf(gap / error, n - 1)) if error else float(gap <= 0)
        return max(student, (1 - min(gap / scale, 1)) ** trials if gap > 0 else 0)

    half = max(float(stats.t.ppf(0.975, n - 1)) * error, scale * (1 - 0.025 ** (1 / trials)))
    interval = (mean, mean - half, mean + half)
    return _test(name, interval, above, below, lambda c: p_value(mean - c), lambda c: p_value(c - mean), everything)


def share_test(name: str, hits: np.ndarray | pd.Series, above: float = -inf, below: float = inf) -> Test:
    """Whether the share of hits, NaN where one is left out, is between the bounds: the exact binomial test.

    The interval is Clopper and Pearson's.

    Raises:
        Missing: there is nothing to take a share of, or less than half of the values are there.
    """
    everything = np.asarray(hits, dtype=float)
    seen = everything[~np.isnan(everything)]
    if not len(everything):
        raise Missing(f"{name}: there is nothing to take a share of")
    if len(seen) < len(everything) / 2:
        raise Missing(f"{name}: {len(seen)} of {len(everything)} values are there; at least half are needed")
    count, n = int(seen.sum()), len(seen)
    interval = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    greater, less = (
        lambda c, side=side: float(stats.binomtest(count, n, c, side).pvalue) for side in ("greater", "less")
    )
    return _test(name, (count / n, interval.low, interval.high), above, below, greater, less, everything)


def bootstrap_test(name: str, found: Bootstrap, of: np.ndarray, above: float = -inf, below: float = inf) -> Test:
    """Whether a statistic of the values ``of`` is between the bounds: the percentile bootstrap.

    Raises:
        Missing: the statistic is not defined on these values.
    """
    interval = found.interval()
    if not all(map(isfinite, interval)):
        raise Missing(f"{name}: {found.why or 'the statistic is not defined on these values'}")
    samples = found.samples[~np.isnan(found.samples)]

    def p_value(beyond: np.ndarray) -> float:
        return (1 + int(beyond.sum())) / (1 + len(samples))

    return _test(name, interval, above, below, lambda c: p_value(samples <= c), lambda c: p_value(samples >= c), of)


def slope_test(
    name: str,
    x: np.ndarray,
    values: pd.DataFrame,
    above: float = -inf,
    below: float = inf,
    trials: float = inf,
    scale: float | np.ndarray = 1,
    least: int = 3,
) -> Test:
    """Whether the slope of the values over x, a row for each seed and a column for each x, is between the bounds.

    Student's test on the least squares slopes of the seeds that have ``least`` values or more. ``trials`` is how many
    test inputs a value is of, ``scale`` how much it moves by an error, for each column or all: the slope is not known
    better than those of one column allow.

    Raises:
        Missing: there are less columns, or too few seeds with a slope.
    """
    if values.shape[1] < least:
        raise Missing(
            f"{name}: a slope takes {least} values of {values.columns.name}; there are {list(values.columns)}"
        )
    y = values.to_numpy(dtype=float)
    there = ~np.isnan(y)
    whole = there.sum(1) >= least
    mean = np.where(there, x, 0).sum(1) / np.fmax(there.sum(1), 1)
    weights = np.where(there & whole[:, None], x - mean[:, None], 0)
    weights /= np.where(whole, (weights**2).sum(1), 1)[:, None]
    slopes = np.where(whole, (weights * np.where(there, y, 0)).sum(1), np.nan)
    seen = there[whole].sum(0)
    fewest = float(min(seen[seen > 0], default=0))
    found = mean_test(name, slopes, above, below, trials * fewest, float((abs(weights) * scale).max(initial=0)))
    return replace(found, sample=int(seen.sum()), left_out=int(there.size - seen.sum()))


def jackknife_test(
    name: str, whole: float, without: Sequence[float] | np.ndarray, above: float = -inf, below: float = inf
) -> Test:
    """Whether a statistic of independent parts is between the bounds: Student's test on its pseudo-values.

    ``without`` holds the statistic without each part, NaN for those that are left out of all.

    Raises:
        Missing: less than two parts, or less than half of them, are there.
    """
    n = np.count_nonzero(~np.isnan(without))
    return mean_test(name, n * whole - (n - 1) * np.asarray(without), above, below)


def _test(
    name: str,
    interval: tuple[float, float, float],
    above: float,
    below: float,
    greater: Callable[[float], float],
    less: Callable[[float], float],
    values: np.ndarray,
) -> Test:
    """From p-values against being at most, and at least, a number. Two bounds make two one-sided tests."""
    bounds = [(greater, less, above)] * isfinite(above) + [(less, greater, below)] * isfinite(below)
    supports = max(inside(c) for inside, _, c in bounds)
    contradicts = min(1.0, len(bounds) * min(outside(c) for _, outside, c in bounds))
    left_out = int(np.isnan(values.astype(float)).sum())
    return Test(name, *interval, above, below, supports, contradicts, len(values) - left_out, left_out)


def rows_of(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """Rows with these values of the first of some experiments that has any, and of others with the same settings.

    A network that several of them have is taken once: the others add sample sizes and training sets.

    Raises:
        Missing: none has any.
    """
    rows = select(table, experiments, **where)
    own = first(rows, experiments)
    if own.empty:
        raise _lacking(experiments, where)
    if "seed" not in rows:
        return own
    same = like(rows, own.iloc[0], *(name for name in SETTINGS if name in rows))
    if "steps" in rows:  # where training takes a set number of steps, that is a setting
        taken = rows[rows["stopped"] == "all_steps"].groupby("experiment")["steps"].max().to_dict()
        mine = taken.get(own["experiment"].iloc[0])
        same = same[[taken.get(name, mine) == mine for name in same["experiment"]]]
    same = pd.concat([same[same["experiment"] == name] for name in experiments])
    return same[~same.duplicated([name for name in NETWORK if name in rows])]


def _lacking(experiments: list[str], where: Mapping[str, object]) -> Missing:
    wanted = ", ".join(f"{column} = {value}" for column, value in where.items())
    return Missing(f"no rows with {wanted} in {', '.join(experiments)}")


def each(table: pd.DataFrame, experiments: list[str], column: str, **where: object) -> dict[int | float, pd.DataFrame]:
    """``rows_of`` for each number in a column, in rising order.

    Raises:
        Missing: there is none.
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
        Missing: a quantity is not there, for all of these numbers or one.
    """
    rows = pd.concat(rows_of(table, experiments, quantity=name) for name in names)
    found = rows.pivot(index=by, columns="quantity", values=["value", "low", "high"])  # noqa: PD010 (no averaging)
    if lacking := [f"{name} at {by} = {at:g}" for name in names for at in found.index[found["value", name].isna()]]:
        raise Missing(f"not in {', '.join(experiments)}: {', '.join(lacking)}")
    return found


def counted(table: pd.DataFrame, experiments: list[str], prefix: str = "") -> Check:
    """The check that theory's table has as ``<prefix>cases``, ``<prefix>violations`` and maybe ``<prefix>deviation``.

    Rows add up, all of the first experiment that has cases; of the deviations it is the largest.

    Raises:
        Missing: there are no cases, or no violations to each.
    """
    cases = rows_of(table, experiments, quantity=f"{prefix}cases")
    own = [str(cases["experiment"].iloc[0])]
    violations = rows_of(table, own, quantity=f"{prefix}violations")
    values = [rows["value"].dropna() for rows in (cases, violations)]
    if not len(cases) == len(values[0]) == len(values[1]):
        raise Missing(f"{own[0]} has {len(values[0])} values of {prefix}cases and {len(values[1])} of its violations")
    deviation = float(select(table, own, quantity=f"{prefix}deviation")["value"].max())
    name = prefix.strip("_").replace("_", " ") or "in all"
    told = "" if isnan(deviation) else f"largest deviation {deviation:.1g}"
    return Check(name, int(values[0].sum()), int(values[1].sum()), deviation, told)


def check_from(name: str, holds: pd.Series, latest: float) -> Check:
    """Whether a statement holds at every number of the index from some on that is at most ``latest``.

    Which that is stands in ``estimate``. Cases are the numbers from there on, but at least those from ``latest`` on.

    Raises:
        Missing: the numbers do not come to ``latest``.
    """
    holds = holds.sort_index()
    if not len(holds) or holds.index[-1] < latest:
        raise Missing(f"{name}: there is nothing at {latest:g} or above")
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
        Missing: they have nothing in common.
    """
    on = on or ("n_train", "seed")
    both = finished(a).merge(finished(b)[[*on, "finished_error"]], on=list(on), suffixes=("", "_b"))
    if both.empty:
        raise Missing(f"the networks to be compared have no {' and '.join(on)} in common")
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
        Missing: there is no such size.
    """
    sizes = sorted(size for size in set(pairs["n_train"]) if size >= smallest)
    if not sizes:
        raise Missing(f"{prefix}no training sets of {smallest} samples or more")
    return [
        mean_test(f"{prefix}n = {size}", part["difference"], above, below, part["trials"].sum(), part["scale"].max())
        for size in sizes
        for part in [pairs[pairs["n_train"] == size]]
    ]


def over_sizes(pairs: pd.DataFrame, above: float, smallest: int, prefix: str = "") -> Test:
    """The mean difference over all sample sizes from ``smallest`` on, one value a seed.

    Raises:
        Missing: there is no such size.
    """
    large = pairs[pairs["n_train"] >= smallest]
    if large.empty:
        raise Missing(f"{prefix}no training sets of {smallest} samples or more")
    means = large.pivot(index="seed", columns="n_train", values="difference").mean(axis=1, skipna=False)  # noqa: PD010
    name, trials = f"{prefix}mean over n ≥ {smallest}", large.loc[large["seed"].isin(means.dropna().index), "trials"]
    return mean_test(name, means, above, trials=trials.sum(), scale=large["scale"].max())
