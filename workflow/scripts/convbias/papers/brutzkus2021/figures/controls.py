"""Other poolings beside ConvPool, and Algorithm 1 on patterns that are not orthogonal.

Ref: brutzkus2021, Equation 1; Section 7; Lemma 5.3 (extended)
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import mean_interval, select

TITLE = "Equation 1: other poolings, and patterns that are not orthogonal"
CAPTION = """
brutzkus2021, extended: what the parts of ConvPool contribute. (a), (b) Test error against the number of training
samples, with 100 channels and Adam, without and with noise on each pattern. The models are ConvPool, the same without
the ReLU, average pooling instead of the maximum, and the MLP. (c), (d) Algorithm 1 with the settings of Theorem 5.1, on
patterns of which every two have the inner product rho. (c) The smallest growth of lucky filters per step, over eta_1,
and what correlation and balance of the training set predict (line). The dotted line is Lemma 5.3's rate, 1/9. (d) The
squared norm of the second layer of maximum margin, times the largest squared norm of the features. Points are means
over training sets, in (d) of the logarithm, and bars their 95 % intervals. Compare average pooling with ConvPool and
with the MLP, without noise and with it.
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [{"models": ["conv_pool"], "trainings": ["adam"]}, {"check": ["brutzkus2021-correlated"]}]


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Rows of kind ``error`` by model, noise and sample size, and of three quantities by rho."""
    errors = summarise_networks(select(tables["detection"], experiments, training="adam"))
    rows = []
    for name in ("lucky_growth", "predicted_growth", "correlated_complexity"):
        for rho, part in select(tables["theory"], experiments, quantity=name).groupby("rho"):
            values = part["value"].to_numpy()
            geometric = name == "correlated_complexity"
            interval = mean_interval(np.log(values) if geometric else values)
            mean, low, high = np.exp(interval) if geometric else interval
            rows.append({"kind": name, "rho": rho, "mean": mean, "low": low, "high": high})
    return pd.concat([errors.assign(kind="error"), pd.DataFrame(rows)], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """(a), (b) the errors without and with noise, (c) the growth of lucky filters, (d) the margin."""
    of = dict(iter(frame.groupby("kind")))
    errors = of["error"]
    with style.style():
        figure, ((clean, noisy), (growth, margin)) = style.axes_grid(2, 2, 3.6)
        levels = sorted(set(errors["noise"]))
        for ax, letter, level in zip((clean, noisy), "ab", levels, strict=False):
            here = errors[errors["noise"] == level]
            groups = list(here.groupby("model", sort=False))
            for (model, rows), shift in zip(groups, style.shifts(len(groups)), strict=True):
                style.draw(ax, rows, style.model(model), band=False, shift=shift, **style.look(model))
            style.sample_axis(ax, here["n_train"])
            title = f"noise of norm ≤ {level:g}" if level else "no noise"
            ax.set(xlabel=style.SAMPLES, ylabel=style.ERROR, title=f"({letter}) {title}", ylim=(0, 0.55))
        _points(growth, of["lucky_growth"])
        predicted = of["predicted_growth"].sort_values("rho")
        growth.plot(predicted["rho"], predicted["mean"], color="0.4", linewidth=0.8)
        growth.axhline(1 / 9, color="0.4", linestyle=":", linewidth=0.8)
        growth.set(xlabel="ρ", ylabel="growth of lucky filters", title="(c) line: predicted bound")
        _points(margin, of["correlated_complexity"])
        margin.set(xlabel="ρ", ylabel="$R^2 ||\\hat{a}||^2$", title="(d) margin", yscale="log")
        style.legend(figure, [clean, noisy], 2)
        style.note(figure, errors, "Bars: 95 % intervals of the mean.")
    return figure


def _points(ax: Axes, rows: pd.DataFrame) -> None:
    rows = rows.sort_values("rho")
    spread = (rows["mean"] - rows["low"], rows["high"] - rows["mean"])
    ax.errorbar(rows["rho"], rows["mean"], spread, fmt=".k", markersize=4, elinewidth=0.8)
