"""The samples needed on the Dynamic Signal Distribution, against the number of patches and against their length.

Ref: Lahoti, Karp, Winston, Singh, Li (ICLR 2024)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from convbias.figures import style as style
from convbias.statistics.samples import crossing
from convbias.statistics.summary import select
from convbias.stops import UNFINISHED

TITLE = "Locality and weight sharing, separately"
CAPTION = """
Lahoti, Karp, Winston, Singh and Li (ICLR 2024), Dynamic Signal Distribution: the samples needed for a test error of 0.2
(assumed). (a) Against the number k of patches. (b) Against their length d. All axes are logarithmic. One of k patches
carries the label times a signal, and all patches have normal noise. The models are ConvPool, a locally connected
network (LCN: separate filters at each place) and an MLP. Points interpolate the mean error; bars are 95 % (bootstrap)
intervals. The legend gives the slope of a straight line through the points. The paper bounds the samples: about k + d
for a CNN, k d for an LCN, and k^2 d for a fully connected network. Its networks sum over patches and have another
activation, whereas these take maxima. Compare each slope with the exponent of its bound.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"tasks": ["dynamic_signal"], "models": ["conv_pool", "lcn", "mlp"], "trainings": ["adam"]}]
TARGET = 0.2  # the error for which the samples are shown
AXES = {"n_patterns": "patches k", "d": "patch length d"}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The samples needed for each model and each value of the setting that varies (``over``).

    The other setting is that of the first experiment.
    """
    runs = select(tables["detection"], experiments, task="dynamic_signal", training="adam")
    own = select(runs, experiments[:1]).iloc[0]
    results = []
    for over, other in (("n_patterns", "d"), ("d", "n_patterns")):
        for (model, at), rows in runs[runs[other] == own[other]].groupby(["model", over], sort=False, observed=True):
            done = rows[~rows["stopped"].isin(UNFINISHED)]
            errors = {n: part.to_numpy() for n, part in done.groupby("n_train")["test_error"]}
            ends = crossing(np.array(list(errors)), list(errors.values()), TARGET).interval()
            mean, low, high = (end if np.isfinite(end) else np.nan for end in ends)
            counts = {"networks": len(done), "left_out": len(rows) - len(done)}
            results.append({"over": over, "model": model, "at": at, "mean": mean, "low": low, "high": high, **counts})
    return pd.DataFrame(results)


def plot(frame: pd.DataFrame) -> Figure:
    """(a) Against the number of patches, (b) against their length."""
    with style.style():
        figure, grid = style.axes_grid(1, 2, 2.4, sharey=True)
        for letter, ax, (over, name) in zip("ab", grid[0], AXES.items(), strict=True):
            here = frame[frame["over"] == over]
            groups = list(here.groupby("model", sort=False))
            for (model, rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
                points = rows.dropna(subset="mean").sort_values("at")
                label = style.model(model)
                if len(points) > 1:
                    slope = np.polyfit(np.log(points["at"].to_numpy(float)), np.log(points["mean"]), 1)[0]
                    label += f", slope {slope:.1f}"
                style.draw(ax, points, label, band=False, x="at", shift=shift, **style.look(model))
            numbers = sorted(set(here["at"]))
            ax.set(xscale="log", yscale="log", xlabel=name)
            ax.set_title(f"({letter})")
            ax.set_xticks(numbers, [f"{number:g}" for number in numbers])
            ax.xaxis.set_minor_locator(NullLocator())
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.legend(loc="upper left")
        grid[0, 0].set_ylim(None, 4 * frame["high"].max())  # room for the legends
        grid[0, 0].set_ylabel(f"samples for error {TARGET:g}")
        style.note(figure, frame, "Bars: 95 % intervals, by bootstrap.")
    return figure
