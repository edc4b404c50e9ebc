"""Phase diagram: the test error by sample size and filter size, of the X-hinge limit and of trained networks.

Ref: wu2019, Section 3.3.2 (sample complexity); Section 6 (the choice of k)
"""

from collections.abc import Iterable
from itertools import chain

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import phase
from convbias.papers.wu2019.figures.phase import predicted
from convbias.statistics.summary import select

TITLE = "Section 3.3.2: a phase diagram of samples and filter size"
CAPTION = """
wu2019, Section 3.3.2: the mean test error (colour) for each number of training samples and each filter size k. The axis
of samples is logarithmic, and each task and model has a panel. That of Model-1-Layer, which has no filter, is low. The
X-hinge limit has its expected error with Gaussian initial weights (Equation 3), on the training sets of the networks.
Networks are trained with the hinge loss. Squares: the filter size with the lowest mean at each sample size; the
smallest one of several. Dots: the sample size at which the mean falls below 0.05, if the logarithm of the error is
linear between sizes. Line: the sample size at which 1/2 ((d-2k+1)/d)^n is 0.05 (Section 3.3.2; k = 1 for
Model-1-Layer), on the tasks for which it is derived. Grey: no network finished training. On Task-3rdCtrl, the limit's
squares move down as n grows: a large filter needs fewer samples, and has a larger bias. Squares at other places in the
two upper rows mean that the limit has another best filter than trained networks. Dots to the right of the line mean
that more samples are needed than predicted.
"""
TABLES = ("linear", "asymptotics")
REQUIRED_SETTINGS = [{"models": ["conv"], "losses": ["hinge"]}]
STREAMED = True


def data(tables: dict[str, Iterable[pd.DataFrame]], experiments: list[str]) -> pd.DataFrame:
    """Cells and crossings of the limit and of networks, and the best filter size at each sample size.

    Experiments without SVD estimates have no limit.
    """
    limits = (
        rows.assign(model="limit", stopped="limit", test_error=rows["gaussian_test_error"])
        for rows in (select(rows, experiments) for rows in tables["asymptotics"])
    )
    networks = (select(rows, experiments, loss="hinge") for rows in tables["linear"])
    frame = phase.cells_and_crossings(chain(limits, networks), "k", ["d"], predicted)
    return pd.concat([frame, phase.best(frame, "k")], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each task and model."""
    return phase.plot(frame, "k")
