"""Train networks on a GPU: the loop of ``kernel``, which numba compiles for CUDA too, with one thread per network."""

from functools import cache
from inspect import unwrap
from typing import Any
from warnings import catch_warnings, filterwarnings

import numpy as np
from numba import cuda

from convbias.linear.kernel import GOING, Networks, training_loop

THREADS = 64  # per block; few, because blocks whose networks have all finished make room for others
CHANGING = ("weights", "w", "steps", "status", "down")


def train_on_gpu(loop: tuple[str, str, int, int], first: int, last: int, rate: float, networks: Networks) -> None:
    """Train networks that have not finished from step ``first`` to step ``last``; ``networks`` is changed in place.

    Args:
        loop: the arguments of ``training_loop``: model, loss, k and entries.
    """
    runs, d = networks.w.shape
    # networks are the last axis in memory: neighbouring threads read neighbouring numbers
    arrays = [cuda.to_device(np.asfortranarray(array)) for array in networks]
    numbers = cuda.device_array((runs, 4 * d + networks.weights.shape[1]), np.float64, order="F")
    indices = cuda.device_array((runs, d + 1 + networks.copies.shape[1]), np.uint32, order="F")
    with catch_warnings():
        filterwarnings("ignore", ".*low occupancy")  # a small job is no mistake
        compiled_loop(*loop)[-(-runs // THREADS), THREADS](first, last, rate, *arrays, numbers, indices)
    for name, array in zip(networks._fields, arrays, strict=True):
        if name in CHANGING:
            getattr(networks, name)[...] = array.copy_to_host()


@cache
def compiled_loop(model: str, loss: str, k: int, entries: int) -> Any:
    """The compiled function that trains one network per thread."""
    train = training_loop(model, loss, k, entries, lambda function: cuda.jit(device=True)(unwrap(function)))

    def network(  # type: ignore[no-untyped-def]
        first, last, rate, weights, start, w, places, signs, copies, different, seen, positions, steps, status, down,
        numbers, indices,
    ):  # fmt: skip
        r = cuda.grid(1)
        if r < len(steps) and status[r] == GOING:
            steps[r], status[r], down[r] = train(
                first,
                last,
                rate,
                weights[r],
                start[r],
                w[r],
                places[r],
                signs[r],
                copies[r],
                different[r],
                seen[r],
                positions[r],
                down[r],
                numbers[r],
                indices[r],
            )

    return cuda.jit(unwrap(network))
