"""The loop that trains a network, as plain Python without numba."""

from inspect import unwrap

import numpy as np

from convbias.linear.kernel import GOING, training_loop


def train_on_cores(loop, first, last, rate, networks, threads=1, prepare=unwrap):
    """Replaces the function of ``cores`` with this name. ``prepare`` can replace functions that the loop calls."""
    descend = training_loop(*loop, prepare)
    numbers = np.full(4 * networks.w.shape[1] + networks.weights.shape[1], np.nan)
    indices = np.full(networks.w.shape[1] + 1 + networks.copies.shape[1], 2**32 - 1, np.uint32)
    steps, status, down = (getattr(networks, name) for name in ("steps", "status", "down"))
    own = [getattr(networks, name) for name in networks._fields if name not in ("steps", "status", "down")]
    for r in np.nonzero(status == GOING)[0]:
        with np.errstate(all="ignore"):
            rows = [rows[r] for rows in own]
            steps[r], status[r], down[r] = descend(first, last, rate, *rows, int(down[r]), numbers, indices)
