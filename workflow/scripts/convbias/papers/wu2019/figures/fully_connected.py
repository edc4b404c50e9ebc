"""The error of fully connected ReLU networks on Task-Cls, and the bound for every fully connected network.

Ref: wu2019, Section 6 (non-linearity)
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.relu_networks import NETWORKS
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.statistics.summary import first, mean_interval, select

TITLE = "Section 6: fully connected ReLU networks"
CAPTION = """
wu2019, Section 6: test errors of fully connected ReLU networks on Task-Cls, against the number of training samples.
Networks of depth 2 and 3 are trained with the hinge loss until it is 0. (a) Test error. The solid line is 1/2
(1-1/d)^n, below which no fully connected network can be on average (Li, Zhang and Arora, ICLR 2021). It is the error of
Model-1-Layer. The dotted line is 1/2 (1-1/2d)^n, the error of guessing at each point outside the training set. (b) The
part of the error at positions with a sample, which is the distance from the bound on average. The dotted line is half
the mean proportion of points that are not in the training set and have the position of a sample. Points are means over
training sets with 95 % (Student) intervals. Points on the dotted lines mean that a network that knows e_j guesses at
-e_j.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-fully-connected"]}]
LOOK = {"gd_2": ("one_layer", "o"), "adam_2": ("conv", "s"), "gd_3": ("xhinge", "D"), "adam_3": ("primitive", "^")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The means of the first experiment with their intervals, for each network, quantity and n, and the two curves."""
    theory = select(tables["theory"], experiments)
    found = first(theory[theory["quantity"].str.startswith("relu_")], experiments)
    rows = []
    for network in NETWORKS:
        for of in ("error", "seen"):
            own = found[found["quantity"] == f"relu_{network}_{of}"]
            for (d, n), part in own.groupby(["d", "n_train"]):
                finished = part["value"].astype(float).dropna()
                mean, low, high = mean_interval(finished.to_numpy())
                counts = {"networks": len(finished), "left_out": len(part) - len(finished)}
                rows.append(
                    {
                        "network": network,
                        "of": of,
                        "d": d,
                        "n_train": n,
                        "mean": mean,
                        "low": low,
                        "high": high,
                        **counts,
                    }
                )
    frame = pd.DataFrame(rows)
    d, sizes = int(frame["d"].iloc[0]), np.arange(1, int(frame["n_train"].max()) + 1)
    for name, points in (("bound", d), ("guess", 2 * d)):
        curve = {"network": name, "of": "error", "d": d, "n_train": sizes, "mean": one_layer_error(points, sizes)}
        frame = pd.concat([frame, pd.DataFrame(curve)], ignore_index=True)
    return frame


def plot(frame: pd.DataFrame) -> Figure:
    """(a) The test error; (b) its part at positions with a sample."""
    trained = frame[frame["network"].isin(list(NETWORKS))]
    bound, guess = (frame[frame["network"] == name] for name in ("bound", "guess"))
    with style.style():
        figure, ((left, right),) = style.axes_grid(1, 2, 2.5)
        for ax, of in ((left, "error"), (right, "seen")):
            for (network, label), shift in zip(NETWORKS.items(), style.shifts(len(NETWORKS), 2.5), strict=True):
                colour, marker = LOOK[network]
                rows = trained[(trained["network"] == network) & (trained["of"] == of)]
                style.draw(ax, rows, label, style.COLOUR[colour], band=False, shift=shift, linestyle="", marker=marker)
            style.sample_axis(ax, trained["n_train"])
            ax.set_xlabel(style.SAMPLES)
        left.plot(bound["n_train"], bound["mean"], "k-", label="bound")
        left.plot(guess["n_train"], guess["mean"], "k:", label="guess at unseen points")
        right.plot(bound["n_train"], guess["mean"].to_numpy() - bound["mean"].to_numpy(), "k:")
        left.set(title=f"(a) d = {frame['d'].iloc[0]}", ylabel=style.ERROR, ylim=(0, 0.55))
        right.set(title="(b)", ylabel="distance from the bound", ylim=(0, None))
        style.legend(figure, [left], 2)
        style.note(figure, trained[trained["of"] == "error"], "Bars: 95 % intervals of the mean.")
    return figure
