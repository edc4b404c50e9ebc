"""Tables with made errors, for the figures of lahoti2024."""

import numpy as np
import pandas as pd

from made_brutzkus2021 import falling
from made_lahoti2024 import excess

POWERS = {"conv_pool": 0.5, "lcn": 1, "mlp": 2}  # of k; the sample sizes of all models are proportional to d
CENTRE = 40  # samples for an error of 0.1 with k = 8 and d = 20
SHOWN = {"lahoti2024-slopes": ["own", "k", "d", "both"], "lahoti2024-ratios": ["own", "k", "scaled", "sums"]}
MULTIPLES = {"maxima": {"shared": 4, "fully connected": 0.5}, "sums": {"shared": 15}}  # of the samples, for LCN


def tables(rng):
    """Networks at several k and d, and others at k = 4 that did not finish."""
    made = []
    for k, d, experiment in ((8, 20, "own"), (4, 20, "k"), (16, 20, "k"), (8, 10, "d"), (8, 40, "d"), (4, 10, "both")):
        for model, power in POWERS.items():
            needed = CENTRE * (k / 8) ** power * d / 20
            sizes = needed * np.array([0.2, 0.5, 1, 2])
            runs = falling(rng, model, needed, sizes, spread=0, task="dynamic_signal", n_patterns=k, d=d)
            made.append(runs.assign(experiment=experiment, stopped="fitted"))
    table = pd.concat(made)
    unfinished = table[table["n_patterns"] == 4].assign(stopped="step_limit", test_error=0.5)
    return {"detection": pd.concat([table, unfinished])}


def ratios(rng):
    """Networks with constant noise and with noise like 1 / sqrt(k); scaled noise takes twice the multiples."""
    maxima, sums = [], []
    for k, noise, experiment in (
        (8, 0.2, "own"),
        (4, 0.2, "k"),
        (16, 0.2, "k"),
        (4, 0.283, "scaled"),
        (16, 0.141, "scaled"),
    ):
        factor = 2 if experiment == "scaled" else 1
        shared, full = MULTIPLES["maxima"].values()
        for model, needed in (
            ("conv_pool", CENTRE),
            ("lcn", factor * shared * CENTRE),
            ("mlp", shared / full * CENTRE),
        ):
            sizes = needed * np.array([0.2, 0.5, 1, 2])
            runs = falling(rng, model, needed, sizes, spread=0, task="dynamic_signal", n_patterns=k, noise=noise)
            maxima.append(runs.assign(experiment=experiment, stopped="fitted"))
        for model, needed in (("cnn", 1000), ("lcn", factor * MULTIPLES["sums"]["shared"] * 1000)):
            runs = excess(rng, model, needed, n_patterns=k, noise=noise)
            sums.append(runs.assign(experiment="sums"))
    return {"detection": pd.concat(maxima), "theory": pd.concat(sums)}


TABLES = {"lahoti2024-slopes": tables, "lahoti2024-ratios": ratios}
