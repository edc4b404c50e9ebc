"""The SVD estimate beside the hinge test error, on the same training set.

Ref: wu2019, Figure 5
"""

import pandas as pd

from convbias.statistics.comparison import differences


def beside_estimates(hinge: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """One row per network: its size and seed, ``estimate`` and ``hinge_error``; NaN if it did not finish."""
    pairs = differences(hinge, limits).merge(limits[["n_train", "seed", "test_error"]])
    estimate = pairs["test_error"].where(pairs["difference"].notna())
    found = pairs[["n_train", "seed"]].assign(estimate=estimate, hinge_error=estimate + pairs["difference"])
    return found.astype({"estimate": float, "hinge_error": float})
