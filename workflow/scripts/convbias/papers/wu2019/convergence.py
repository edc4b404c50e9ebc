"""The convergence speed of X-hinge training, and the test error of hinge training from the same initial weights.

Ref: wu2019, Figure 6 (b)
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from convbias.stops import UNFINISHED

PAIR = ["experiment", "task", "n_train", "seed", "init_seed"]


def convergence(runs: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    """The X-hinge speed (``speed``) and the hinge error for each pair of training set and initial weights.

    The speed is the mean X-hinge test error over the recorded steps (area over length). A small value means fast. A
    pair is missing if one of its networks diverged or did not finish.
    """
    return _pairs(
        runs, trajectories, lambda rows: np.trapezoid(rows["test_error"], rows["step"]) / np.ptp(rows["step"])
    )


def settling(runs: pd.DataFrame, trajectories: pd.DataFrame, limits: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """The same with another ``speed``, which does not average over the first steps.

    It is the first recorded step from which on the X-hinge test error stays within ``tolerance`` of the SVD estimate.
    It is infinite if the error is not so near at the last recorded step.
    """
    estimate = limits.set_index(["n_train", "seed"])["test_error"]

    def first_near(rows: pd.DataFrame) -> float:
        rows = rows.sort_values("step")
        far = (rows["test_error"] - estimate[rows["n_train"].iloc[0], rows["seed"].iloc[0]]).abs() > tolerance
        steps = np.append(rows["step"].to_numpy(dtype=float), np.inf)
        return float(steps[np.flatnonzero(far).max(initial=-1) + 1])

    return _pairs(runs, trajectories, first_near)


def _pairs(runs: pd.DataFrame, trajectories: pd.DataFrame, speed: Callable[[pd.DataFrame], float]) -> pd.DataFrame:
    finished = runs[~runs["stopped"].isin(UNFINISHED)]
    xhinge = trajectories[trajectories["loss"] == "xhinge"].merge(finished.loc[finished["loss"] == "xhinge", PAIR])
    speeds = [(*place, speed(rows)) for place, rows in xhinge.groupby(PAIR, sort=False)]
    hinge = finished.loc[finished["loss"] == "hinge", [*PAIR, "test_error"]].rename(
        columns={"test_error": "hinge_error"}
    )
    return hinge.merge(pd.DataFrame(speeds, columns=[*PAIR, "speed"]).astype(hinge[PAIR].dtypes.to_dict()))
