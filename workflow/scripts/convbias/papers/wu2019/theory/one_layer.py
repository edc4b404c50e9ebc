"""The exact expected error of Model-1-Layer."""

import numpy as np
from jaxtyping import Float, Int

Sizes = int | Int[np.ndarray, "*n"]


def one_layer_error(d: int, n_train: Sizes) -> Float[np.ndarray, "*n"]:
    """Expected test error of the one-layer classifier: 1/2 ((d-1)/d)^n.

    A weight changes only if its position is in the training set. At other positions the sign of the initial weight
    decides, and it is right half of the time.

    Ref: wu2019, Section 3.3.2 (E_1Layer)

    Holds on Task-Cls and Task-1stCtrl, for any loss that fits the training set. The initial weights must be symmetric
    about 0, and almost surely not 0.
    """
    return np.asarray(0.5 * ((d - 1) / d) ** np.asarray(n_train))
