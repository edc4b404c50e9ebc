"""Test error of ConvPool against its number of channels, to show the effect of over-parameterisation.

Ref: brutzkus2021, Section 1 (over-parameterised networks)
"""

from itertools import cycle

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import compare_experiments
from convbias.figures import style as style
from convbias.statistics.summary import like

TITLE = "Section 1: more channels"
CAPTION = """
brutzkus2021, Section 1: test error of ConvPool against its number of channels, trained with Adam, with noise on each
pattern. The top axis gives the number of parameters. Each line has one number of training samples. Lines are means,
bands reach from the 10 % to the 90 % quantile, and bars are 95 % intervals of the mean. A line that rises to the right
means that over-parameterisation hurts.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool"], "trainings": ["adam"]}]
COMMON_SIZES = {"models": ["conv_pool"], "trainings": ["adam"]}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of ConvPool at the sample sizes that all experiments have."""
    frame = compare_experiments(tables["detection"], experiments, trainings=["adam"], model="conv_pool")
    return like(frame, frame.iloc[0], "task", "noise", "noise_law", "n_patterns")


def plot(frame: pd.DataFrame) -> Figure:
    """One line for each sample size."""
    sizes = sorted(set(frame["n_train"]))
    with style.style():
        figure, ((ax,),) = style.axes_grid(1, 1, 2.3)
        for size, colour, marker in zip(sizes, style.shades(len(sizes)), cycle(style.MARKERS), strict=False):
            rows = frame[frame["n_train"] == size]
            style.draw(ax, rows, f"{size} training samples", colour, x="width", marker=marker)
        style.sample_axis(ax, frame["width"])
        ax.set(xlabel="channels", ylabel=f"{style.ERROR}, ConvPool", ylim=(0, None))
        top = ax.secondary_xaxis("top", functions=_parameters(frame))
        top.set_xscale("log")
        top.set_xlabel("parameters")
        style.legend(figure, [ax], 2)
        style.note(figure, frame)
    return figure


def _parameters(frame: pd.DataFrame) -> tuple:
    each = int(frame["n_parameters"].iloc[0] // frame["width"].iloc[0])
    return (lambda channels: channels * each, lambda parameters: parameters / each)
