"""The convergence speed of X-hinge training, and the test error of hinge training from the same initial weights.

Ref: wu2019, Figure 6 (b)
"""

import numpy as np
import pandas as pd

from convbias.stops import UNFINISHED


def convergence(runs: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    """The X-hinge speed (``speed``) and the hinge error for each pair of training set and initial weights.

    The speed is the mean X-hinge test error over the recorded steps (area over length). A small value means fast. A
    pair is missing if one of its networks diverged or did not finish.
    """
    pair = ["experiment", "task", "n_train", "seed", "init_seed"]
    finished = runs[~runs["stopped"].isin(UNFINISHED)]
    xhinge = trajectories[trajectories["loss"] == "xhinge"].merge(finished.loc[finished["loss"] == "xhinge", pair])
    speeds = [
        (*place, np.trapezoid(rows["test_error"], rows["step"]) / np.ptp(rows["step"]))
        for place, rows in xhinge.groupby(pair, sort=False)
    ]
    hinge = finished.loc[finished["loss"] == "hinge", [*pair, "test_error"]].rename(
        columns={"test_error": "hinge_error"}
    )
    return hinge.merge(pd.DataFrame(speeds, columns=[*pair, "speed"]).astype(hinge[pair].dtypes.to_dict()))
