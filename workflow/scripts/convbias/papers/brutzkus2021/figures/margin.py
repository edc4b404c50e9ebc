"""Why no d appears: the margin after the first layer and the share of detectors, against d, k, n and T_1.

Ref: brutzkus2021, Section 5; Appendix E (extended)
"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterMathtext, LogLocator

from convbias.figures import style as style
from convbias.papers.brutzkus2021.theory.representation import complexity_bound
from convbias.statistics.summary import mean_interval, select

TITLE = "Theorem 5.1: why the number of samples hardly depends on d"
CAPTION = """
brutzkus2021, Theorem 5.1 (extended): why the number of samples hardly depends on d. One setting changes in each column.
The others are those of the experiment, d = 8, k = 4097, n = 10 and T_1 = 10 in the main run. Upper row: R^2
||a_hat||^2, the quantity that the proof bounds, with the initial filters and after training of the first layer. The
dotted line is the bound, 51200 d. Lower row: the share of filters that become detectors of their pattern. Crosses are
its prediction by other filters that count the votes of S_1. The dotted line at 1/2 is the prediction of the sign rule.
The proof relies on lucky filters, whose share falls with d. Bars are 95 % intervals of the mean over training sets. In
(a), k is fixed, and below 8 d^3 + 1 for d above 8. Compare detectors with lucky filters, and with both predictions. A
flat line means that the quantity does not depend on that setting.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["brutzkus2021-sweeps"]}]
COLUMNS = {"d": "d", "channels": "k", "n_patterns": "n_patterns", "first_layer_steps": "step"}
LABELS = {"d": "d", "channels": "k", "n_patterns": "n", "first_layer_steps": "$T_1$"}
UPPER = {
    "complexity": ("trained", "conv_pool", "o", "-"),
    "untrained_complexity": ("initial filters", "mlp", "s", "--"),
}
LOWER = {
    "detector_share": ("detectors", "conv_pool", "o", "-"),
    "votes_share": ("votes", "asymptotics", "x", ":"),
    "lucky_share": ("lucky", "svm", "^", "-."),
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The mean of each quantity with its interval, for each value ``x`` of each setting."""
    theory, rows = select(tables["theory"], experiments), []
    for sweep, column in COLUMNS.items():
        for name in (*UPPER, *LOWER):
            for x, own in theory[theory["quantity"] == f"{sweep}_{name}"].groupby(column):
                mean, low, high = mean_interval(own["value"].dropna().to_numpy())
                ends = {"mean": mean, "low": low, "high": high, "networks": len(own)}
                rows.append({"sweep": sweep, "series": name, "x": x, "d": own["d"].iloc[0], **ends})
    return pd.DataFrame(rows)


def plot(frame: pd.DataFrame) -> Figure:
    """A column for each setting: the margin above, the shares below."""
    with style.style():
        figure, grid = style.axes_grid(2, 4, 3.2, sharex="col", sharey="row")
        for column, (sweep, label) in enumerate(LABELS.items()):
            top, bottom = grid[:, column]
            own = frame[frame["sweep"] == sweep]
            for ax, series in ((top, UPPER), (bottom, LOWER)):
                for name, (text, colour, marker, dashes) in series.items():
                    style.draw(
                        ax,
                        own[own["series"] == name],
                        text,
                        style.COLOUR[colour],
                        band=False,
                        x="x",
                        marker=marker,
                        linestyle=dashes,
                    )
            at = own[own["series"] == "complexity"].sort_values("x")
            top.plot(at["x"], [complexity_bound(int(d)) for d in at["d"]], ":", color="0.5", label="bound")
            bottom.axhline(0.5, color="0.5", linestyle=":")
            style.sample_axis(bottom, at["x"])
            if at["x"].max() >= 1000:  # the usual labels would overlap
                bottom.xaxis.set_major_locator(LogLocator(numticks=3))
                bottom.xaxis.set_major_formatter(LogFormatterMathtext())
            top.set(yscale="log", title=f"({'abcd'[column]})")
            bottom.set(xlabel=label, ylim=(0, 0.55))
        grid[0, 0].set_ylabel("$R^2 ||\\hat{a}||^2$")
        grid[1, 0].set_ylabel("share of filters")
        style.legend(figure, grid[:, 0], 3)
        networks = frame.loc[frame["series"] == "complexity", "networks"].sum()
        figure.supxlabel(f"Bars: 95 % intervals of the mean. {networks:,} networks.", fontsize=6, color="0.3")
    return figure
