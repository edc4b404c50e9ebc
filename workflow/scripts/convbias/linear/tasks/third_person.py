"""Task-3rdCtrl: move the arm B towards the target A; the image shows both."""

import numpy as np

from convbias.linear.tasks import Task


def make(d: int) -> Task:
    """The d(d-1) points e_A - e_B with A != B, with label -1 if A is left of B and +1 if it is right.

    Ref: wu2019, Section 1, Task-3rdCtrl
    """
    a, b = np.nonzero(~np.eye(d, dtype=bool))
    return Task(
        "third_person",
        d,
        position=np.stack([a, b], axis=1),
        x=np.tile([1, -1], (len(a), 1)),
        y=np.where(a < b, -1, 1),
    )
