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
    return _pairs(runs, trajectories, lambda place, steps, errors: np.trapezoid(errors, steps) / np.ptp(steps))


def settling(runs: pd.DataFrame, trajectories: pd.DataFrame, limits: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """The same with another ``speed``, which does not average over the first steps.

    It is the first recorded step from which on the X-hinge test error stays within ``tolerance`` of the SVD estimate.
    It is infinite if the error is not so near at the last recorded step.
    """
    estimate = limits.set_index(["n_train", "seed"])["test_error"].to_dict()

    def first_near(place: tuple, steps: np.ndarray, errors: np.ndarray) -> float:
        _, _, n_train, seed, _ = place
        far = abs(errors - estimate[n_train, seed]) > tolerance
        return np.append(steps, np.inf)[np.flatnonzero(far).max(initial=-1) + 1]

    return _pairs(runs, trajectories, first_near)


def _pairs(
    runs: pd.DataFrame, trajectories: pd.DataFrame, speed: Callable[[tuple, np.ndarray, np.ndarray], float]
) -> pd.DataFrame:
    """The pairs with their speed, a function of a pair's place, of its steps in order and of its errors."""
    finished = runs[~runs["stopped"].isin(UNFINISHED)]
    xhinge = trajectories[trajectories["loss"] == "xhinge"].merge(finished.loc[finished["loss"] == "xhinge", PAIR])
    xhinge = xhinge.sort_values("step", kind="stable")
    steps, errors = (xhinge[name].to_numpy(dtype=float) for name in ("step", "test_error"))
    places = xhinge.groupby(PAIR, sort=False).indices
    speeds = [(*place, speed(place, steps[rows], errors[rows])) for place, rows in places.items()]
    hinge = finished.loc[finished["loss"] == "hinge", [*PAIR, "test_error"]].rename(
        columns={"test_error": "hinge_error"}
    )
    return hinge.merge(pd.DataFrame(speeds, columns=[*PAIR, "speed"]).astype(hinge[PAIR].dtypes.to_dict()))
