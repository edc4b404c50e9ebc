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
row is one choice, and the first row has the assumed settings. Points are means with 95 % intervals. Compare each row
with the first.
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
    """A panel for each sample size; a row for each setting."""
    sizes = sorted(set(frame["n_train"]))
    settings = list(dict.fromkeys(frame["setting"]))
    with style.style():
        figure, grid = style.axes_grid(1, len(sizes), 0.9 + 0.25 * len(settings), sharey=True)
        for ax, size in zip(grid[0], sizes, strict=True):
            for offset, (model, rows) in enumerate(frame[frame["n_train"] == size].groupby("model", sort=False)):
                at = [settings.index(setting) + 0.2 * (offset - 1) for setting in rows["setting"]]
                spread = (rows["mean"] - rows["low"], rows["high"] - rows["mean"])
                ax.errorbar(
                    rows["mean"], at, xerr=spread, label=style.model(model), **style.look(model),
                    linestyle="", markersize=3, elinewidth=0.8, capsize=1.2, capthick=0.6,
                )  # fmt: skip
            ax.set(xlabel=f"{style.ERROR}, {size} training samples", xlim=(0, None))
            ax.grid(axis="y", linewidth=0.3, color="0.85")
        grid[0, 0].set_yticks(range(len(settings)), settings)
        grid[0, 0].invert_yaxis()
        style.legend(figure, grid[0], 3)
        style.note(figure, frame, "Bars: 95 % interval of the mean.")
    return figure
