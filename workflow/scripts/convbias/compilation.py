"""Compile functions with numba, and keep the compiled code on disk for other processes."""

import tempfile
from collections.abc import Callable
from hashlib import sha256
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from llvmlite import binding  # type: ignore[import-untyped]
from numba.core import config


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
