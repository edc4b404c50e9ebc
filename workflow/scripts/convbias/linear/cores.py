"""Train networks on the cores of a CPU: numba compiles the loop once, and keeps the code on disk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from inspect import unwrap
from types import FunctionType

import numpy as np
from numba.extending import register_jitable

from convbias.compilation import compiled
from convbias.linear.kernel import GOING, Networks, training_loop

BLOCK = 16  # networks that a thread trains before it takes more


def train_on_cores(
    loop: tuple[str, str, int, int], first: int, last: int, rate: float, networks: Networks, threads: int
) -> None:
    """Train networks that have not finished from step ``first`` to step ``last``; ``networks`` is changed in place.

    Args:
        loop: the arguments of ``training_loop``: model, loss, k and entries.
    """
    train, runs = compiled_loop(*loop), len(networks.w)
    if threads == 1:
        train(0, runs, first, last, rate, *networks)
        return
    with ThreadPoolExecutor(threads) as pool:
        blocks = [
            pool.submit(train, run, min(run + BLOCK, runs), first, last, rate, *networks)
            for run in range(0, runs, BLOCK)
        ]
    for block in blocks:
        block.result()  # raises what the block raised


@cache
def compiled_loop(model: str, loss: str, k: int, entries: int) -> Callable:
    """The compiled function that trains the networks from ``run`` to before ``end``."""
    own: list[FunctionType] = []

    def prepare(function: Callable) -> Callable:
        own.append(unwrap(function))
        return register_jitable(own[-1])

    train = training_loop(model, loss, k, entries, prepare)

    def block(  # type: ignore[no-untyped-def]
        run,
        end,
        first,
        last,
        rate,
        weights,
        start,
        w,
        places,
        signs,
        copies,
        different,
        seen,
        positions,
        steps,
        status,
        down,
    ):
        d = w.shape[1]
        numbers, indices = np.empty(4 * d + weights.shape[1]), np.empty(d + 1 + copies.shape[1], np.uint32)
        for r in range(run, end):
            if status[r] == GOING:
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
                    numbers,
                    indices,
                )

    return compiled([*own, unwrap(block)], f"{model}-{loss}-{k}-{entries}")
