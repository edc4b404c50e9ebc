"""The effect of the initial weights on one training set: accuracy by step, and hinge test error by X-hinge speed.

Ref: wu2019, Figure 6
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.papers.wu2019.convergence import convergence
from convbias.statistics.summary import first, rank_correlation, select
from convbias.stops import UNFINISHED

TITLE = "Figure 6: hinge stops, X-hinge continues"
CAPTION = """
wu2019, Figure 6: Model-Conv-k trained from many initial weights on one training set. (a) Training and test accuracy
against the step, with the hinge loss, which stops at training loss 0, and with X-hinge. Lines are means, and bands
reach from the 10 % to the 90 % quantile. (b) The final test error with the hinge loss against the speed of X-hinge from
the same initial weights. The speed is the mean X-hinge test error over the recorded steps: small is fast. This measure
is our assumption. Above each panel is Spearman's correlation with its 95 % (bootstrap) interval. A correlation near 1
means that initial weights with fast X-hinge training also have small errors with the hinge loss.
"""
TABLES = ("linear", "trajectories")
REQUIRED_SETTINGS = [{"models": ["conv"], "losses": ["hinge", "xhinge"], "record_every": []}]
PANEL = ["task", "n_train"]
NETWORK = [*PANEL, "seed", "init_seed"]
LOSSES = {"hinge": ("conv", 0.8, "hinge loss"), "xhinge": ("xhinge", 1.6, "X-hinge")}  # colour, width, label


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """Three kinds of rows, from the first experiment that recorded trajectories.

    * ``step``: mean, 10 % and 90 % quantile of an accuracy over the initial weights.
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
    rows = [_steps(finished), networks.assign(kind="network")]
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
    table = pd.DataFrame({"mean": accuracy.mean(), "low": accuracy.quantile(0.1), "high": accuracy.quantile(0.9)})
    return table.reset_index().assign(kind="step")


def plot(frame: pd.DataFrame) -> Figure:
    """A column for each task and sample size: (a) above, (b) below."""
    panels = list(frame.groupby(PANEL, sort=False))
    with style.style():
        figure, grid = style.axes_grid(2, len(panels), 3.6, sharey="row")
        for ((task, n_train), here), top, bottom in zip(panels, *grid, strict=True):
            for loss, (colour, width, label) in LOSSES.items():
                for split, dashes in (("test", "-"), ("train", ":")):
                    rows = here[(here["kind"] == "step") & (here["loss"] == loss) & (here["split"] == split)]
                    line = {"color": style.COLOUR[colour], "linewidth": width, "label": f"{label}, {split}"}
                    top.plot(rows["step"], rows["mean"], dashes, **line)
                    if split == "test":
                        top.fill_between(
                            rows["step"], rows["low"], rows["high"], color=style.COLOUR[colour], alpha=0.18, linewidth=0
                        )
            pairs = here[here["kind"] == "network"]
            bottom.plot(pairs["speed"], pairs["hinge_error"], ".", color=style.COLOUR["conv"], markersize=2, alpha=0.6)
            (correlation,) = here[here["kind"] == "correlation"].to_dict("records")
            bottom.set_title("ρ = {mean:.2f} ({low:.2f}, {high:.2f})".format(**correlation), fontsize=6)
            top.set_title(f"{style.TASK.get(task, task)}, n = {n_train}", fontsize=6)
            top.set_xlabel("step")
            bottom.set_xlabel("mean X-hinge error", fontsize=6)
        grid[0][0].set_ylabel("(a) accuracy")
        grid[1][0].set_ylabel("(b) test error, hinge loss")
        style.legend(figure, grid[0], 2)
        counts = frame[frame["kind"] == "correlation"]
        style.note(
            figure,
            counts,
            "Band: 10 % to 90 % of initial weights; ρ: Spearman, 95 % interval.",
        )
    return figure
