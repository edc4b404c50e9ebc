"""Test errors under other choices of the settings that the paper does not give.

Ref: brutzkus2021, Section 7 (the settings that it does not give)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import compare_experiments
from convbias.figures import style as style

TITLE = "Section 7: settings that the paper does not give"
CAPTION = """
brutzkus2021, Section 7: the test errors of Figure 3 (b) under other choices of settings that the paper does not give.
These are the law of the noise, Adam's learning rate, the scale of the initial weights, the loss at which Adam stops,
and the number of samples in a step of Adam. The other noise has a uniform radius, and is not uniform in the ball. Each
row is one choice, and the first row has the assumed settings, whose errors are the dotted lines. ConvPool has its own
panel, because its errors are much smaller. Points are means with 95 % intervals. The SVM only depends on the data. A
point away from the dotted line of its model means that this setting matters.
"""
TABLES = ("detection",)
REQUIRED_SETTINGS = [{"models": ["conv_pool", "mlp"], "trainings": ["adam"]}]
COMMON_SIZES = {"trainings": ["adam", "max_margin"]}
SETTINGS = {
    "noise_law": "noise: {}",
    "learning_rate": "rate {:g}",
    "init_scale": "weights ×{:g}",
    "target_loss": "loss {:g}",
    "batch_size": "batches of {:g}",
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The summaries at the sample sizes that all experiments have; ``setting`` lists the differences from the first."""
    frame = compare_experiments(tables["detection"], experiments)
    own = frame.iloc[0]

    def setting(row: pd.Series) -> str:
        changed = [text.format(row[name]) for name, text in SETTINGS.items() if row[name] != own[name]]
        return ", ".join(changed) or "as assumed"

    return frame.assign(setting=frame.apply(setting, axis=1))


def plot(frame: pd.DataFrame) -> Figure:
    """A forest plot: a row for each setting, a panel for ConvPool and one for the other models, for each size."""
    sizes = sorted(set(frame["n_train"]))
    settings = list(dict.fromkeys(frame["setting"]))
    is_ours = frame["model"] == "conv_pool"
    panels = [(name, rows) for name, rows in (("ConvPool", frame[is_ours]), ("others", frame[~is_ours])) if len(rows)]
    with style.style():
        height = 0.7 + len(sizes) * (0.3 + 0.2 * len(settings))
        figure, grid = style.axes_grid(len(sizes), len(panels), height, sharey=True)
        for size, axes in zip(sizes, grid, strict=True):
            for ax, (name, shown) in zip(axes, panels, strict=True):
                groups = list(shown[shown["n_train"] == size].groupby("model", sort=False))
                for (model, rows), move in zip(groups, style.shifts(len(groups), 0.3), strict=True):
                    at = [settings.index(setting) + move for setting in rows["setting"]]
                    spread = (rows["mean"] - rows["low"], rows["high"] - rows["mean"])
                    ax.errorbar(
                        rows["mean"], at, xerr=spread, label=style.model(model), **style.look(model),
                        linestyle="", markersize=3, elinewidth=0.8, capsize=1.2, capthick=0.6,
                    )  # fmt: skip
                    for assumed in rows.loc[rows["setting"] == settings[0], "mean"]:
                        ax.axvline(assumed, color=style.look(model)["color"], linewidth=0.8, linestyle=":")
                what = f"{style.ERROR}, {name}" if len(panels) > 1 else style.ERROR
                ax.set_xlabel(what if len(sizes) == 1 else f"{what}, {size} samples")
                if name == "ConvPool":
                    ax.set_xlim(-0.03 * shown["high"].max(), None)  # all of a marker at 0 is visible
                ax.grid(axis="y", linewidth=0.3, color="0.85")
        grid[0, 0].set_yticks(range(len(settings)), settings)
        grid[0, 0].set_ylim(len(settings) - 0.5, -0.5)
        style.legend(figure, grid[0], 3)
        note = f"{sizes[0]} training samples. " if len(sizes) == 1 else ""
        style.note(figure, frame, f"{note}Bars: 95 % interval of the mean.")
    return figure
