"""Train networks on the cores of a CPU: numba compiles the loop once, and keeps the code on disk."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from llvmlite import binding  # type: ignore[import-untyped]
from numba.core import config
from numba.extending import register_jitable

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


def compiled(functions: list[FunctionType], name: str) -> Callable:
    """The last of the functions, compiled at its first call, or read from disk if any process has compiled it before.

    Numba notices a change in the file of a function, but not in the files of the functions that it calls. The folder's
    name therefore has a hash of all of them and of the kind of CPU. Each function has its own folder: processes that
    compile at the same time write the same files. The names of the functions have the hash too: compiled code read from
    disk replaces other code with the same names.
    """
    function = functions[-1]
    cpu = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    key = sha256(repr((numba.__version__, np.__version__, cpu, meaning(function))).encode()).hexdigest()[:16]
    for own in functions:
        if own.__closure__:  # functions of a module, which loops share, keep their names
            own.__qualname__ += f"-{name}-{key}"
    before = vars(config)["CACHE_DIR"]
    for root in (before, Path.home() / ".cache/convbias", Path(__file__).parent / "__pycache__"):
        if root and writable(folder := Path(root, f"{name}-{key}")):
            vars(config)["CACHE_DIR"] = str(folder)
            try:
                return numba.njit(function, nogil=True, cache=True)
            finally:
                vars(config)["CACHE_DIR"] = before
    return numba.njit(function, nogil=True)


def writable(folder: Path) -> bool:
    """Create the folder, and return whether this process can write to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def meaning(value: Any, seen: tuple[int, ...] = ()) -> Any:
    """What a function computes: its code, and that of all functions and values to which it refers."""
    value = unwrap(value) if callable(value) else value
    if id(value) in seen:
        return "itself"
    if isinstance(value, FunctionType):
        names = [value.__globals__[name] for name in value.__code__.co_names if name in value.__globals__]
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [meaning(part, (*seen, id(value))) for part in (value.__code__, value.__defaults__, *names, *cells)]
    if isinstance(value, CodeType):
        return value.co_code, value.co_names, [meaning(constant, seen) for constant in value.co_consts]
    if isinstance(value, ModuleType):
        own = value.__name__.startswith("convbias")
        return value.__name__, Path(value.__file__).read_bytes() if own and value.__file__ else None
    if isinstance(value, tuple | list):
        return [meaning(part, seen) for part in value]
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value)
