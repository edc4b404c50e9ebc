"""Phase diagram: the test error by the sample size and by the number of patterns per input.

Ref: brutzkus2021, Figure 4
"""

from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import END_TO_END
from convbias.figures import phase
from convbias.statistics.summary import select

TITLE = "Section 7: a phase diagram of samples and patterns"
CAPTION = """
brutzkus2021, Section 7: the mean test error (colour) for each number of training samples and each number n of patterns.
The axis of samples is logarithmic, and each task and model has a panel. Dots: the sample size at which the mean falls
below 0.05, if the logarithm of the error is linear between sizes. Grey: no network finished training. Dots that move to
the right as n grows mean that more patterns need more samples.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool"], "trainings": ["adam"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str]) -> pd.DataFrame:
    """The mean error of every cell, and the sample size at which it falls below 0.05."""
    selected = (select(rows, experiments) for rows in tables["detection"])
    end_to_end = (rows[rows["training"].isin(END_TO_END)] for rows in selected)
    return phase.cells_and_crossings(end_to_end, "n_patterns", [])


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each task and model."""
    return phase.plot(frame, "n_patterns")
