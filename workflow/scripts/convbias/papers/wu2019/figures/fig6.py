"""The effect of the initial weights on one training set: accuracy by step, and hinge test error by X-hinge speed.

Ref: wu2019, Figure 6
"""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.convergence import convergence
from convbias.statistics.summary import first, rank_correlation, select
from convbias.stops import UNFINISHED

TITLE = "Figure 6: hinge stops, X-hinge continues"
CAPTION = """
wu2019, Figure 6: Model-Conv-k trained from many initial weights on one training set. (a) Test accuracy against the step
with the hinge loss, which stops at training loss 0. (b) The same with X-hinge, which continues. Thin lines are the
first 30 initial weights, darker if X-hinge is faster. The thick line is the mean test accuracy over all initial
weights, and the dotted line the mean training accuracy. (c) The final test error with the hinge loss against the speed
of X-hinge from the same initial weights. The speed is the mean X-hinge test error over the recorded steps: small is
fast. This measure is our assumption. Above each panel is Spearman's correlation with its 95 % (bootstrap) interval. A
correlation near 1 means that initial weights with fast X-hinge training also have small errors with the hinge loss.
"""
TABLES = ("linear", "trajectories")
REQUIRED_SETTINGS = [{"models": ["conv"], "losses": ["hinge", "xhinge"], "record_every": []}]
PANEL = ["task", "n_train"]
NETWORK = [*PANEL, "seed", "init_seed"]
LOSSES = {"hinge": "hinge loss", "xhinge": "X-hinge"}
TRAJECTORIES = 30  # initial weights in each panel
STEPS = 25  # points of a trajectory: all recorded steps would be a file of several megabytes


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Four kinds of rows, from the first experiment that recorded trajectories.

    * ``step``: mean of an accuracy over the initial weights.
    * ``trajectory``: test accuracy from one of the first ``TRAJECTORIES`` initial weights.
    * ``network``: hinge test error and X-hinge speed of one pair of initial weights and training set.
    * ``correlation``: Spearman's correlation for a task and sample size.
    """
    trajectories = first(select(tables["trajectories"], experiments, model="conv"), experiments)
    runs = select(tables["linear"], list(trajectories["experiment"].unique()), model="conv")
    runs = runs[runs["loss"].isin(LOSSES)]
    runs = runs.assign(left_out=runs["stopped"].isin(UNFINISHED))
    trajectories = trajectories.merge(runs[[*NETWORK, "loss", "left_out"]], on=[*NETWORK, "loss"])
    finished = trajectories[~trajectories["left_out"]]
    networks = convergence(runs, trajectories)
    rows = [_steps(finished), _trajectories(finished, networks), networks.assign(kind="network")]
    for (task, n_train), mine in runs.groupby(PANEL, sort=False):
        pairs = networks[(networks["task"] == task) & (networks["n_train"] == n_train)]
        value, low, high = rank_correlation(
            *(pairs[name].to_numpy() for name in ("speed", "hinge_error", "seed"))
        ).interval()
        correlation = {"kind": "correlation", "task": task, "n_train": n_train, "mean": value, "low": low, "high": high}
        lost = int(mine["left_out"].sum())
        rows.append(pd.DataFrame([{**correlation, "networks": len(mine) - lost, "left_out": lost}]))
    return pd.concat(rows, ignore_index=True)


def _steps(trajectories: pd.DataFrame) -> pd.DataFrame:
    """Accuracy for each step, over the initial weights."""
    errors = trajectories.rename(columns={"train_error": "train", "test_error": "test"})
    long = errors.melt([*PANEL, "loss", "step"], ["train", "test"], "split", "error")
    accuracy = (1 - long["error"]).groupby([long[name] for name in (*PANEL, "loss", "split", "step")], sort=False)
    return accuracy.mean().rename("mean").reset_index().assign(kind="step")


def _trajectories(trajectories: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """Test accuracy at about ``STEPS`` steps, more of them early, from the first initial weights with both losses."""
    recorded = np.sort(trajectories["step"].unique())
    places = np.unique(np.r_[0, np.geomspace(1, len(recorded), STEPS).astype(int) - 1])
    chosen = networks.groupby(PANEL, sort=False).head(TRAJECTORIES)[[*NETWORK, "speed"]]
    shown = trajectories[trajectories["step"].isin(recorded[places])].merge(chosen, on=NETWORK)
    shown = shown.assign(kind="trajectory", mean=1 - shown["test_error"])
    return shown[["kind", *NETWORK, "loss", "speed", "step", "mean"]].sort_values([*NETWORK, "loss", "step"])


def plot(frame: pd.DataFrame) -> Figure:
    """A column for each task and sample size; (a), (b) and (c) from top to bottom."""
    panels = list(frame.groupby(PANEL, sort=False))
    shades = sns.color_palette("flare_r", as_cmap=True)  # dark: fast
    with style.style():
        figure, grid = style.axes_grid(3, len(panels), 4.7, sharey="row")
        for place, ((task, n_train), here) in enumerate(panels):
            kinds = dict(iter(here.groupby("kind")))
            pairs = kinds["network"] if "network" in kinds else here.iloc[:0]
            order = pairs["speed"].rank().sub(1) / max(len(pairs) - 1, 1)
            colours = {speed: shades(rank) for speed, rank in zip(pairs["speed"], order, strict=True)}
            for ax, loss in zip(grid[:2, place], LOSSES, strict=True):
                thin = kinds["trajectory"] if "trajectory" in kinds else here.iloc[:0]
                for (_, _, speed), rows in thin[thin["loss"] == loss].groupby(["seed", "init_seed", "speed"]):
                    ax.plot(rows["step"], rows["mean"], color=colours[speed], linewidth=0.4, alpha=0.7)
                for split, dashes, label in (("test", "-", "mean"), ("train", ":", "mean, training accuracy")):
                    steps = kinds["step"] if "step" in kinds else here.iloc[:0]
                    rows = steps[(steps["loss"] == loss) & (steps["split"] == split)]
                    ax.plot(rows["step"], rows["mean"], dashes, color="black", linewidth=1.2, label=label)
                ax.set_xlabel("step")
            bottom = grid[2, place]
            bottom.scatter(pairs["speed"], pairs["hinge_error"], s=3, c=[colours[speed] for speed in pairs["speed"]])
            (correlation,) = kinds["correlation"].to_dict("records")
            bottom.set_title("ρ = {mean:.2f} ({low:.2f}, {high:.2f})".format(**correlation), fontsize=6)
            grid[0, place].set_title(f"{style.TASK.get(task, task)}, n = {n_train}", fontsize=6)
            bottom.set_xlabel("mean X-hinge error\n← faster    slower →", fontsize=6)
        for letter, ax, loss in zip("ab", grid[:, 0], LOSSES.values(), strict=False):
            ax.set_ylabel(f"({letter}) accuracy, {loss}")
        grid[2, 0].set_ylabel("(c) test error, hinge loss")
        for shade, name in ((0.1, "fast X-hinge"), (0.9, "slow X-hinge")):
            grid[0, 0].plot([], [], color=shades(shade), linewidth=0.6, label=f"one network, {name}")
        style.legend(figure, grid[0, :1], 2)
        counts = frame[frame["kind"] == "correlation"]
        style.note(figure, counts, "ρ: Spearman, with its 95 % interval.")
    return figure
