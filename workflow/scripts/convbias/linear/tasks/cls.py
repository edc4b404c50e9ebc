"""Task-Cls: is the one object on the image an A (+1) or a B (-1)?"""

import numpy as np

from convbias.linear.tasks import Task


def make(d: int) -> Task:
    """The 2d points e_l with label +1 and -e_l with label -1.

    Ref: wu2019, Section 1, Task-Cls
    """
    sign = np.repeat([1, -1], d)
    return Task("cls", d, position=np.tile(np.arange(d), 2)[:, None], x=sign[:, None], y=sign)
