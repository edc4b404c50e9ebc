"""Max-pooling over the patterns of an input, on a CPU: loops that numba compiles.

An input names its patterns by their rows in a table. A pattern that many inputs share is in the table once, so that
its responses are computed once.
"""

from collections.abc import Callable
from functools import cache
from inspect import unwrap
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from convbias.compilation import compiled
from convbias.detection.models._network import samples_at_once

SHARED = 0.5  # if the inputs have fewer different patterns than this, as a part of all, they have a table in common


class Table(NamedTuple):
    """Patterns, and some of the inputs made of them: which samples, and the row of the pattern at each place.

    ``shared`` is true if the inputs have many patterns in common.
    """

    patterns: Float[Tensor, "pattern d"]
    inputs: list[tuple[slice, Int[np.ndarray, "sample place"]]]
    shared: bool


def in_memory(x: Tensor) -> bool:
    """Whether the loops can read these numbers: those of a GPU they cannot."""
    return not x.is_cuda


def tables(x: Float[Tensor, "sample place d"], hidden: int) -> list[Table]:
    """The inputs as one table of different patterns, or, if most patterns differ, as a table for each few inputs.

    The intermediate results of one entry of ``inputs`` for that many hidden features fit a CPU's cache.
    """
    samples, places, d = x.shape
    vectors = x.flatten(0, 1).contiguous().numpy()
    whole = vectors.view(f"V{vectors.strides[0]}")[:, 0]  # each pattern as one value
    _, first, drawn = np.unique(whole, return_index=True, return_inverse=True)
    shared = len(first) <= SHARED * len(vectors)
    at_once = samples_at_once(x, x.element_size() * (hidden if shared else places * (hidden + d)))
    pieces = [slice(begin, min(begin + at_once, samples)) for begin in range(0, samples, at_once)]
    if shared:
        rows = drawn.reshape(samples, places).astype(np.int32)
        return [Table(x.flatten(0, 1)[first], [(piece, rows[piece]) for piece in pieces], True)]
    rows = np.arange(min(at_once, samples) * places, dtype=np.int32).reshape(-1, places)
    return [Table(x[piece].flatten(0, 1), [(piece, rows[: piece.stop - piece.start])], False) for piece in pieces]


def pool(  # type: ignore[no-untyped-def]
    responses: Float[np.ndarray, "pattern hidden"],
    drawn: Int[np.ndarray, "sample place"],
    pooled: Float[np.ndarray, "sample hidden"],
    winners: Int[np.ndarray, "sample hidden"],
    floor: float,
):
    """Write the maximum of ``floor`` and all w_i . x[j], and the row of the pattern p_i(x) that has it.

    It is the first of the patterns that tie. If no response is above the floor, it is the row behind the last one. A
    response that is NaN has a result of NaN.
    """
    for s in range(len(drawn)):
        pooled[s] = floor
        winners[s] = len(responses)
        for j in range(drawn.shape[1]):
            row = drawn[s, j]
            for i in range(pooled.shape[1]):
                response = responses[row, i]
                larger = response > pooled[s, i] or response != response
                pooled[s, i] = response if larger else pooled[s, i]
                winners[s, i] = row if larger else winners[s, i]


def route(  # type: ignore[no-untyped-def]
    winners: Int[np.ndarray, "sample hidden"],
    pull: Float[np.ndarray, " sample"],
    totals: Float[np.ndarray, "pattern hidden"],
):
    """Add the pull of each sample to the totals of the patterns p_i(x)."""
    for s in range(len(winners)):
        for i in range(winners.shape[1]):
            totals[winners[s, i], i] += pull[s]


def spread(  # type: ignore[no-untyped-def]
    winners: Int[np.ndarray, "sample hidden"],
    pull: Float[np.ndarray, " sample"],
    patterns: Float[np.ndarray, "pattern d"],
    W_grad: Float[np.ndarray, "hidden d"],
):
    """Add the pull of each sample times its patterns p_i(x): cheaper than ``route`` if few patterns have a pull."""
    for s in range(len(winners)):
        for i in range(winners.shape[1]):
            row = winners[s, i]
            if row < len(patterns):
                for l in range(patterns.shape[1]):
                    W_grad[i, l] += pull[s] * patterns[row, l]


class Loops(NamedTuple):
    """The compiled loops for numbers of one type."""

    pool: Callable
    route: Callable
    spread: Callable


@cache
def loops(dtype: torch.dtype) -> Loops:
    """Compile the loops for numbers of this type, or read them from disk."""
    name = str(dtype).removeprefix("torch.")
    return Loops(*(compiled([unwrap(loop)], f"{loop.__name__}-{name}") for loop in (pool, route, spread)))
