"""Test error against the noise level, with the noise up to which all inputs are separable.

Ref: brutzkus2021, Section 7 (independent random noise)
"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import select

TITLE = "Section 7: where noise breaks pooling"
CAPTION = """
brutzkus2021, Section 7 (extended): test error against the bound on the norm of the noise, which is uniform in the ball.
Figure 3 (b) is at 1. Vertical lines are exact thresholds for *all* inputs of the distribution. Below (1) a hyperplane
separates them, and from there on none does. Below (2) a network with two pooled filters separates them. From (3) on,
some positive and negative input have the same output in every network of Equation 1. From (4) on, some input belongs to
both classes. Black: the Bayes error, from random inputs; grey: the error of the two filters of (2). Bars are 95 %
intervals of the mean, and bands reach from the 10 % to the 90 % quantile. In d = 20 dimensions, random noise of norm 1
has a component of only about 0.2 along a given direction. The thresholds are about the worst noise, so test errors need
not have a break at (1) to (4).
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [{"check": ["brutzkus2021-noise-levels"]}, {"models": ["conv_pool"], "noise": []}]
THRESHOLDS = ("separable_noise", "pooled_noise", "hidden_noise", "overlapping_noise")
CURVES = {"bayes_error": ("Bayes", "black", "-"), "pooled_error": ("two filters", "0.55", "--")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries of the networks, and the thresholds and errors of the theory table."""
    theory = select(tables["theory"], experiments)
    theory = theory[theory["quantity"].isin([*THRESHOLDS, *CURVES, "bayes_low", "bayes_high"])]
    theory = theory[["experiment", "quantity", "noise", "low", "high"]].assign(mean=theory["value"])
    return pd.concat([summarise_networks(select(tables["detection"], experiments)), theory], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each number of training samples."""
    trained = frame[frame["networks"].notna()]
    sizes = sorted(set(trained["n_train"]))
    with style.style():
        figure, grid = style.axes_grid(1, len(sizes), 2.6, sharey=True)
        for ax, size in zip(grid[0], sizes, strict=True):
            for name, (label, colour, dashes) in CURVES.items():
                rows = frame[frame["quantity"] == name]
                style.draw(ax, rows, label, colour, band=False, x="noise", linestyle=dashes)
            groups = list(trained[trained["n_train"] == size].groupby("model", sort=False))
            for (model, rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
                style.draw(ax, rows, style.model(model), x="noise", shift=shift, **style.look(model))
            for number, name in enumerate(THRESHOLDS, 1):
                at = frame.loc[frame["quantity"] == name, "mean"].iloc[0]
                ax.axvline(at, color="0.4", linestyle=":", linewidth=0.8)
                low = name in ("pooled_noise", "separable_noise")  # the two of max-pooling are close to each other
                ax.annotate(
                    f"({number})",
                    (at, 1),
                    (-1 if low else 1, -1),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    ha="right" if low else "left",
                    va="top",
                    fontsize=5.5,
                    color="0.3",
                )
            ax.set_xscale("log")
            ax.xaxis.set_major_formatter("{x:g}")
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.set(xlabel="bound on the norm of the noise", title=f"{size:.0f} training samples", ylim=(-0.02, 0.58))
        grid[0, 0].set_ylabel(style.ERROR)
        style.legend(figure, grid[0], 5)
        most = int((trained["networks"] + trained["left_out"]).max())
        bars = f"Band: 10 % to 90 % of up to {most} training sets; bars: 95 % interval of the mean."
        style.note(figure, trained, bars)
    return figure
