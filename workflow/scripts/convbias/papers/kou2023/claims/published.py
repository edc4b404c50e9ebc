"""The authors published their grid of test errors: which network has these errors?

Ref: kou2023, Section 5 (the published test errors)
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.papers.kou2023.published import ERRORS, MU, RUNS, TEST_INPUTS
from convbias.statistics.comparison import by_seed, each
from convbias.statistics.evidence import Check, Evidence, InsufficientData, mean_test

TABLES = ("theory",)
COMMON = {
    "where": "Section 5, heat map of the test error",
    "figure": "kou2023-heatmap",
    "scope": "d = 100, 590 and 1090, and 100 signal strengths from 0 to 9.9: 300 of the 10,000 published numbers",
}
CLAIMS = {
    "kou2023-published": {
        "kind": "extension",
        "precision": 0.1875,
        "statement": "The published test errors are those of a network that sums over its patches.",
        "statistic": "squared difference from our mean, over its sampling variance; 1 if the networks are the same",
        "threshold": "mean below {limit} (our threshold)",
        "settings": {"measure": "ratio", "limit": 1.75},
    },
    "kou2023-published-cells": {
        "kind": "extension",
        "statement": "Each published test error is within the sampling error of a network that sums over its patches.",
        "statistic": "difference from our mean, in standard errors of a mean of 10 runs with 1,000 test inputs",
        "threshold": "at most {limit} in each cell (our threshold)",
        "over": "d",
        "settings": {"measure": "cells", "limit": 4},
        "note": "One cell of 300 exceeds it: at d = 100 and μ = 4.9, 0.1855 was published. Errors are skewed, because "
        "few training sets have large ones. So some means of 10 runs are far above the others.",
    },
    "kou2023-published-script": {
        "kind": "extension",
        "precision": 0.1875,
        "statement": "The published test errors are those of the published code, which averages over its patches.",
        "statistic": "squared difference from our mean, over its sampling variance; 1 if the networks are the same",
        "threshold": "mean below {limit} (our threshold)",
        "settings": {"measure": "ratio", "limit": 1.75},
        "note": "This is about one commit of the code (20ca259), and not a statement of the paper. The published "
        "training losses, too, are those of a sum: at d = 100 and μ = 0 it is 0.0031. The sum has 0.0033, the average "
        "0.0144.",
    },
}


def evidence(tables: Tables, experiments: list[str], measure: str, limit: float) -> Evidence:
    """A test over all cells, or a check of the cells of each d and of the ten whole signal strengths at d = 100."""
    scores = standard_scores(tables["theory"], experiments)
    if measure == "ratio":
        return [mean_test("ratio of variances", scores.to_numpy().ravel() ** 2, below=limit)]
    parts = {f"d = {d}": row for d, row in scores.iterrows()}
    parts["d = 100, μ = 0, 1, ..., 9"] = scores.loc[100, MU[::10]]
    return [
        Check(name, len(row), int((abs(row) > limit).sum()), float((row**2).mean() ** 0.5), _detail(row))
        for name, row in parts.items()
    ]


def _detail(scores: pd.Series) -> str:
    return f"root mean square {(scores**2).mean() ** 0.5:.2f}, largest {abs(scores).max():.1f}"


def standard_scores(table: pd.DataFrame, experiments: list[str]) -> pd.DataFrame:
    """The published test error minus our mean, in standard errors, for each d (rows) and signal strength.

    The published number is a mean of 10 runs. The variance of one run is that between our networks, plus that of the
    proportion of 1,000 test inputs. The variance of our own mean is added.

    Raises:
        InsufficientData: there are no networks in some of the published cells.
    """
    runs = each(table, experiments, "d", quantity="network_error")
    if lacking := [d for d in ERRORS if d not in runs]:
        raise InsufficientData(f"there are no networks at d = {', '.join(map(str, lacking))}")
    scores = {}
    for d, published in ERRORS.items():
        ours = by_seed(runs[d], experiments, "network_error", "signal")
        if absent := sorted(set(MU) - set(ours.columns)):
            raise InsufficientData(f"at d = {d} there are no networks with μ = {', '.join(map(str, absent))}")
        own = ours[MU]
        mean, variance = own.mean(), own.var()
        one_run = variance + mean * (1 - mean) / TEST_INPUTS
        scores[d] = (published - mean) / np.sqrt(one_run / RUNS + variance / len(own))
    return pd.DataFrame(scores).T
