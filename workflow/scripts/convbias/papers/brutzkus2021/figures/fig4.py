"""Test error of ConvPool, MLP and SVM against the number of patterns per input.

Ref: brutzkus2021, Figure 4
"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from convbias.detection.summary import compare_experiments
from convbias.figures import style as style
from convbias.statistics.summary import like

TITLE = "Figure 4: more patterns per input"
CAPTION = """
brutzkus2021, Figure 4: test error against the number n of patterns per input, with noise on each pattern. Each panel
has one size of the training set, which is assumed. The axis of errors is logarithmic down to 0.001 and linear from
there to 0, so that errors of 0 are at the bottom. Lines are means, bands reach from the 10 % to the 90 % quantile, and
bars are 95 % intervals of the mean. A steeper line means that a model suffers more from additional patterns.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool", "mlp", "svm"], "trainings": ["adam", "max_margin"]}]
COMMON_SIZES = {"trainings": ["adam", "max_margin"]}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries at the sample sizes that all experiments have."""
    frame = compare_experiments(tables["detection"], experiments)
    return like(frame, frame.iloc[0], "task", "noise", "noise_law")


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each sample size."""
    sizes = sorted(set(frame["n_train"]))
    with style.style():
        figure, grid = style.axes_grid(1, len(sizes), 2.3, sharey=True)
        for ax, size in zip(grid[0], sizes, strict=True):
            here = frame[frame["n_train"] == size]
            groups = list(here.groupby("model", sort=False))
            for (model, rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
                style.draw(ax, rows, style.model(model), x="n_patterns", shift=shift, **style.look(model))
            style.error_axis(ax)
            numbers = sorted(set(here["n_patterns"]))
            ax.set(xscale="log", xlabel="patterns per input, n", title=f"{size} training samples")
            ax.set_xticks(numbers, [str(number) for number in numbers])
            ax.xaxis.set_minor_locator(NullLocator())
            ax.xaxis.set_minor_formatter(NullFormatter())
        grid[0, 0].set_ylabel(style.ERROR)
        style.legend(figure, grid[0], 3)
        style.note(figure, frame)
    return figure
