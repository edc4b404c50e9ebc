"""Test error over the sample size and the number of patterns of an input.

Ref: brutzkus2021, Figure 4
"""

from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import phase as _phase

CAPTION = """
brutzkus2021, Section 7, as a phase diagram: the mean test error (colour) over the number of training samples
(logarithmic axis) and the number n of patterns, for each task and model. Dots: where the measured mean falls below
0.05, the logarithm of the error taken to be linear between sizes. Grey: no network there came to an end.
"""
TABLES = ("patterns",)
NEEDS = [{"models": ["conv_pool"], "trainings": ["adam"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str]) -> pd.DataFrame:
    """The mean error of every cell, and where it falls below 0.05."""
    return _phase.brutzkus2021(tables["patterns"], experiments, "n_patterns")


def plot(frame: pd.DataFrame) -> Figure:
    """Colours over both axes, for each task and model."""
    return _phase.plot(frame, "n_patterns")
