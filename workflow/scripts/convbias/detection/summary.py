"""Summaries of detection networks for figures."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import stats

from convbias.statistics.summary import select, summarise

END_TO_END = ("adam", "max_margin")  # trainings of the whole network at once, as opposed to layer by layer


def summarise_networks(runs: pd.DataFrame) -> pd.DataFrame:
    """``summarise`` of networks by their settings, with the proportion that misclassifies a training sample.

    The interval contains the Clopper-Pearson interval of the error over all test samples. Its length is therefore never
    0, even if no test sample was misclassified. ``not_fitted`` is the proportion of networks with a training error
    above 0, including those that did not finish.
    """
    names = "experiment task images model training d l n_patterns noise noise_law width n_parameters n_train n_test"
    by = [*names.split(), "learning_rate", "init_scale", "target_loss", "batch_size"]
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


def compare_experiments(
    table: pd.DataFrame, experiments: list[str], trainings: Collection[str] = END_TO_END, **where: object
) -> pd.DataFrame:
    """``summarise_networks`` of some experiments, in their order, at the sample sizes that all of them have.

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
        raise ValueError(f"the experiments of this figure need a sample size in common; their sample sizes are {sizes}")
    summaries = [summarise_networks(rows[rows["n_train"].isin(everywhere)]) for rows in runs]
    return pd.concat(summaries, ignore_index=True)
