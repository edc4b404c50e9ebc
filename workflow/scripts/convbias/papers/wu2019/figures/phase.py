"""Phase diagrams: the test error by sample size and by filter size k, initial scale b or input length d.

Ref: wu2019, Section 3.3.2 (sample complexity)
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import phase
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias.statistics.summary import select

FIGURES = {
    "phase-b": {"setting": "init_scale", "name": "scale b of the initial weights"},
    "phase-d": {"setting": "d", "name": "input length d"},
}
OPTIONS = ("setting",)
TITLE = "Section 3.3.2: a phase diagram of samples and {name}"
CAPTION = """
wu2019, Section 3.3.2: the mean test error (colour) for each number of training samples and each {name}. The axis of
samples is logarithmic, and each task and model has a panel. The panel is low if the model has only one {name}. Dots:
the sample size at which the mean falls below 0.05, if the logarithm of the error is linear between sizes. Line: the
sample size at which 1/2 ((d-2k+1)/d)^n is 0.05 (Section 3.3.2; k = 1 for Model-1-Layer), on the tasks for which it is
derived. Grey: no network finished training. Dots to the right of the line mean that networks need more samples than
predicted.
"""
TABLES = ("linear",)
REQUIRED_SETTINGS = [{"models": ["conv"], "losses": ["hinge"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str], setting: str) -> pd.DataFrame:
    """The mean error of every cell, and the sample size at which it falls below 0.05, measured and predicted."""
    rows = (select(rows, experiments, loss="hinge") for rows in tables["linear"])
    return phase.cells_and_crossings(rows, setting, ["d", "k"], predicted)


def predicted(cell: pd.Series) -> float:
    """The sample size at which theory predicts the error ``TARGET``; infinite without a prediction (Task-3rdCtrl)."""
    k = 1 if cell["model"] == "one_layer" else int(cell["k"])
    exact = cell["task"] == "cls" or (cell["model"] == "one_layer" and cell["task"] == "first_person")
    d = int(cell["d"])
    return samples_needed(d, k, phase.TARGET) if exact and 2 * k - 1 < d else np.inf


def plot(frame: pd.DataFrame, setting: str) -> Figure:
    """A panel for each task and model."""
    return phase.plot(frame, setting)
