"""Tables with made errors, for the figures of kou2023."""

import numpy as np
import pandas as pd

from convbias.papers.kou2023.published import ERRORS, MU
from made_kou2023 import networks

POWERS = {"one": 0.25, "other": 0.5}  # of d, along a contour
SHOWN = {"kou2023-heatmap": ["own", "rows"], "kou2023-exponents": list(POWERS)}


def errors(mu, d, power):
    """0.5 at mu = 0, and 0.3 at mu = 2 (d / 100)^power."""
    return 0.1 + 0.4 * 0.5 ** (np.asarray(mu) / (2 * (d / 100) ** power))


def runs(experiment, dimensions, mu, power, seeds=3):
    return pd.concat(
        networks(np.tile(errors(mu, d, power), (seeds, 1)), d, mu).assign(experiment=experiment) for d in dimensions
    )


def heatmap(rng):
    return {
        "theory": pd.concat([runs("own", (100, 400, 900), np.arange(0, 10, 0.4), 0.25), runs("rows", ERRORS, MU, 0.25)])
    }


def exponents(rng):
    return {
        "theory": pd.concat(runs(name, (100, 1000), np.geomspace(1, 20, 200), power) for name, power in POWERS.items())
    }


TABLES = {"kou2023-heatmap": heatmap, "kou2023-exponents": exponents}
