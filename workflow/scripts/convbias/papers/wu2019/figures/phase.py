"""Test error over the sample size and the size of the filter.

Ref: wu2019, Section 3.3.2 (sample complexity)
"""

from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import phase as _phase

CAPTION = """
wu2019, Section 3.3.2, as a phase diagram: the mean test error (colour) over the number of training samples (logarithmic
axis) and the filter size k, for each task and model. Dots: where the measured mean falls below 0.05, the logarithm of
the error taken to be linear between sizes. Line: the sample size at which 1/2 ((d-2k+1)/d)^n is 0.05 (wu2019, Section
3.3.2; k = 1 for Model-1-Layer), on the tasks that it is derived for. Grey: no network there came to an end.
"""
TABLES = ("linear",)
NEEDS = [{"models": ["conv"], "losses": ["hinge"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str]) -> pd.DataFrame:
    """The mean error of every cell, and where it falls below 0.05."""
    return _phase.wu2019(tables["linear"], experiments, "k")


def plot(frame: pd.DataFrame) -> Figure:
    """Colours over both axes, for each task and model."""
    return _phase.plot(frame, "k")
