"""Test error over the sample size and the length of an input.

Ref: wu2019, Section 3.3.2 (sample complexity)
"""

from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import _phase

TABLES = ("linear",)
NEEDS = [{"models": ["conv"], "losses": ["hinge"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str]) -> pd.DataFrame:
    """The mean error of every cell, and where it falls below 0.05."""
    return _phase.wu2019(tables["linear"], experiments, "d")


def plot(frame: pd.DataFrame) -> Figure:
    """Colours over both axes, for each task and model."""
    return _phase.plot(frame, "d")
