"""From rows of networks to what a figure shows of them."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

UNFINISHED = ("diverged", "step_limit")  # ways to stop that leave no result
RESAMPLES = 9999  # of a bootstrap: the smallest p-value is then .0001
NO_INTERVAL = (np.nan, np.nan, np.nan)


class Bootstrap(NamedTuple):
    """A statistic, and its values on resamples; where there are none, ``why``."""

    estimate: float
    samples: np.ndarray
    why: str = ""

    @classmethod
    def nothing(cls, why: str) -> "Bootstrap":
        """No value, and the reason."""
        return cls(np.nan, np.empty(0), why)

    def interval(self) -> tuple[float, float, float]:
        """The estimate with its 95 % (percentile) interval; NaN for an end that is not finite."""
        if not len(self.samples):
            return NO_INTERVAL
        samples = np.sort(self.samples[~np.isnan(self.samples)])
        low, high = samples[[int(0.025 * len(samples)), int(0.975 * len(samples))]]
        return tuple(float(x) if np.isfinite(x) else np.nan for x in (self.estimate, low, high))  # type: ignore[return-value]


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


def summarise_detectors(runs: pd.DataFrame) -> pd.DataFrame:
    """``summarise`` of pattern detectors by their settings, with the share that misclassifies a training sample.

    The interval is never shorter than that of a share of all test samples together (Clopper and Pearson), so that it
    does not shrink to nothing where no test sample was misclassified. ``not_fitted`` is the share of detectors with a
    training error above 0, those that did not finish among them.
    """
    names = "experiment task images model training d l n_patterns noise noise_law width n_parameters n_train n_test"
    by = [*names.split(), "learning_rate", "init_scale", "target_loss"]
    runs = runs.assign(images=runs["images"].astype(object).fillna(""))
    table = summarise(runs, by)
    tests = table["networks"] * table["n_test"]
    wrong = (table["mean"].fillna(0) * tests).round()
    with np.errstate(invalid="ignore"):
        low, high = stats.beta.ppf(0.025, wrong, tests - wrong + 1), stats.beta.ppf(0.975, wrong + 1, tests - wrong)
    table["low"] = np.fmin(table["low"].clip(lower=0), np.where(wrong > 0, low, 0))
    table["high"] = np.fmax(table["high"], np.where(wrong < tests, high, 1))
    fails = (~(runs["train_error"] == 0)).groupby([runs[name] for name in by], sort=False).mean()
    return table.merge(fails.rename("not_fitted").reset_index())


def compare_detectors(
    table: pd.DataFrame, experiments: list[str], trainings: Collection[str] = ("adam", "max_margin"), **where: object
) -> pd.DataFrame:
    """``summarise_detectors`` of some experiments, in their order, at the sample sizes that all of them have.

    Raises:
        ValueError: there is no such size.
    """
    runs = [select(table, [name], **where) for name in experiments]
    runs = [rows[rows["training"].isin(trainings)] for rows in runs]
    everywhere = set.intersection(*(set(rows["n_train"]) for rows in runs))
    if not everywhere:
        sizes = "; ".join(
            f"{name}: {sorted(set(rows['n_train']))}" for name, rows in zip(experiments, runs, strict=True)
        )
        raise ValueError(f"the experiments of this figure need a sample size in common; they have {sizes}")
    parts = [summarise_detectors(rows[rows["n_train"].isin(everywhere)]) for rows in runs]
    return pd.concat(parts, ignore_index=True)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The mean with its 95 % (Student) interval; NaN of less than two values."""
    if len(values) < 2:
        return NO_INTERVAL
    mean, half = values.mean(), stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return float(mean), float(mean - half), float(mean + half)


def share_interval(hits: np.ndarray) -> tuple[float, float, float]:
    """The share of hits with its 95 % (Clopper-Pearson) interval; NaN of nothing."""
    if not len(hits):
        return NO_INTERVAL
    interval = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, "exact")
    return float(hits.mean()), float(interval.low), float(interval.high)


def spread_ratio(x: np.ndarray, y: np.ndarray) -> Bootstrap:
    """The standard deviation of x over that of y; pairs are drawn anew. Nothing where y does not vary."""
    if len(y) < 2 or y.std() == 0:
        return Bootstrap.nothing("what stands below the line does not vary")
    drawn = np.random.Generator(np.random.Philox(0)).integers(len(x), size=(RESAMPLES, len(x)))
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample in which y does not vary
        return Bootstrap(float(x.std() / y.std()), x[drawn].std(1) / y[drawn].std(1))


def convergence(runs: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    """For each pair of training set and initial weights the X-hinge speed (``speed``) and the hinge error.

    The speed is the mean X-hinge test error over the recorded steps (area over length): small is fast. Pairs of which
    a network was left out are not there.
    """
    pair = ["experiment", "task", "n_train", "seed", "init_seed"]
    finished = runs[~runs["stopped"].isin(UNFINISHED)]
    xhinge = trajectories[trajectories["loss"] == "xhinge"].merge(finished.loc[finished["loss"] == "xhinge", pair])
    speeds = [
        (*place, np.trapezoid(rows["test_error"], rows["step"]) / np.ptp(rows["step"]))
        for place, rows in xhinge.groupby(pair, sort=False)
    ]
    hinge = finished.loc[finished["loss"] == "hinge", [*pair, "test_error"]].rename(
        columns={"test_error": "hinge_error"}
    )
    return hinge.merge(pd.DataFrame(speeds, columns=[*pair, "speed"]).astype(hinge[pair].dtypes.to_dict()))


def select(table: pd.DataFrame, experiments: list[str], **where: object) -> pd.DataFrame:
    """The rows of some experiments, as plain columns, where the columns named have the values given."""
    mask = table["experiment"].isin(experiments)
    for column, value in where.items():
        mask &= table[column] == value
    rows = table[mask]
    return rows.astype({name: object for name in rows.columns if isinstance(rows[name].dtype, pd.CategoricalDtype)})


def like(rows: pd.DataFrame, model: pd.Series, *columns: str) -> pd.DataFrame:
    """The rows that agree with a network's in some columns."""
    return rows[(rows[list(columns)] == model[list(columns)]).all(axis=1)]


def first(rows: pd.DataFrame, experiments: list[str]) -> pd.DataFrame:
    """The rows of the first of the experiments that has any."""
    there = set(rows["experiment"])
    return rows[rows["experiment"] == next((name for name in experiments if name in there), None)]


def rank_correlation(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> Bootstrap:
    """Spearman's correlation within each group, averaged over groups; rows are drawn anew within each.

    Nothing where a group has no spread, or less than three rows.
    """
    stream = np.random.Generator(np.random.Philox(0))
    estimates, samples = [], []
    for name in np.unique(group):
        mine = np.flatnonzero(group == name)
        if len(mine) < 3 or len(set(x[mine])) == 1 or len(set(y[mine])) == 1:
            return Bootstrap.nothing("a correlation takes three pairs that differ")
        drawn = stream.choice(mine, (RESAMPLES, len(mine)))
        ranks = [stats.rankdata(np.vstack([values[mine], values[drawn]]), axis=1) for values in (x, y)]
        a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
        with np.errstate(invalid="ignore"):  # a resample without spread has no correlation
            one, *many = (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))
        estimates.append(one)
        samples.append(many)
    if not samples:
        return Bootstrap.nothing("there are no pairs")
    return Bootstrap(float(np.mean(estimates)), np.mean(samples, axis=0))


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
