"""Test error of ConvPool against its width, for each initial scale, with the classifier of its tangent kernel.

Ref: brutzkus2021, Section 1 (over-parameterised networks)
"""

from itertools import cycle

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import mean_interval, select

TITLE = "Section 1: width, initial weights and the tangent kernel"
CAPTION = """
brutzkus2021, Section 1 (extended): test error of ConvPool against its number of channels, with noise and 50 training
samples, trained with gradient descent and with Adam. Each line has one scale b of the initial weights. Dotted lines are
the error of the classifier of the tangent kernel, at the smallest and the largest b: gradient flow with the kernel from
the outputs of a random wide network, to the same training loss. It is the wide limit of gradient descent. The rate of
the second layer is that of the first over the number of channels. Bars are 95 % intervals. A flat line means that width
has no effect, and a line that rises towards the kernel means that the filters hardly learn.
"""
TABLES = ("detection", "theory")
REQUIRED_SETTINGS = [
    {"models": ["conv_pool"], "trainings": ["gradient_descent"]},
    {"check": ["brutzkus2021-tangent-kernel"]},
]
PANEL = {"gradient_descent": "gradient descent", "adam": "Adam"}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Summaries of the networks at the sample size of the first experiment, and ``kernel`` rows by initial scale."""
    runs = select(tables["detection"], experiments, model="conv_pool")
    first = runs[runs["experiment"].isin(experiments) & (runs["training"] == "gradient_descent")].iloc[0]
    same = runs[(runs["n_train"] == first["n_train"]) & (runs["noise"] == first["noise"])]
    networks = summarise_networks(same[same["training"].isin(list(PANEL))]).assign(kind="network")
    rows = []
    kernel = select(tables["theory"], experiments, quantity="kernel_noisy_error", n_train=first["n_train"])
    for scale, own in kernel.groupby("init_scale"):
        mean, low, high = mean_interval(own["value"].to_numpy(dtype=float))
        rows.append({"kind": "kernel", "init_scale": scale, "mean": mean, "low": low, "high": high})
    return pd.concat([networks, pd.DataFrame(rows)], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """A panel for each training; the kernel in that of gradient descent."""
    networks, kernel = (frame[frame["kind"] == kind] for kind in ("network", "kernel"))
    scales = sorted(set(networks["init_scale"]))
    shades, moved = style.shades(len(scales)), style.shifts(len(scales))
    shown = [training for training in PANEL if training in set(networks["training"])]
    with style.style():
        figure, (axes,) = style.axes_grid(1, len(shown), 2.3, sharey="row")
        for letter, training, ax in zip("ab", shown, axes, strict=False):
            own = networks[networks["training"] == training]
            for scale, colour, marker, shift in zip(scales, shades, cycle(style.MARKERS), moved, strict=False):
                rows = own[own["init_scale"] == scale]
                style.draw(ax, rows, f"b = {scale:g}", colour, band=False, x="width", shift=shift, marker=marker)
            style.sample_axis(ax, own["width"])
            ax.set(xlabel="channels", title=f"({letter}) {PANEL[training]}")
        ends = kernel[kernel["init_scale"].isin([kernel["init_scale"].min(), kernel["init_scale"].max()])]
        for (_, row), dashes in zip(ends.iterrows(), (":", (0, (1, 3))), strict=False):
            axes[0].axhline(row["mean"], color="0.2", linestyle=dashes, label=f"kernel, b = {row['init_scale']:g}")
        axes[0].set(
            ylabel=f"{style.ERROR}, ConvPool", ylim=(0, 1.1 * max(networks["high"].max(), kernel["mean"].max()))
        )
        style.legend(figure, list(axes), 3)
        style.note(figure, networks, "Bars: 95 % intervals of the mean.")
    return figure
