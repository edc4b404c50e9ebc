"""Task-1stCtrl: turn to the half of the image that contains the object."""

import numpy as np

from convbias.linear.tasks import Task


def make(d: int) -> Task:
    """The d points e_l, with label -1 for l <= d/2 and +1 for l > d/2.

    Ref: wu2019, Section 1, Task-1stCtrl
    """
    position = np.arange(d)
    return Task("first_person", d, position[:, None], x=np.ones((d, 1), int), y=np.where(position < d // 2, -1, 1))
