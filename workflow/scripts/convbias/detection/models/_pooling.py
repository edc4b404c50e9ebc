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
    """Patterns, and some of the inputs made of them: which samples, and the row of the pattern at each place."""

    patterns: Float[Tensor, "pattern d"]
    inputs: list[tuple[slice, Int[np.ndarray, "sample place"]]]


def in_memory(x: Tensor) -> bool:
    """Whether the loops can read these numbers: those of a GPU they cannot."""
    return not x.is_cuda


def tables(x: Float[Tensor, "sample place d"], hidden: int) -> list[Table]:
    """The inputs as one table of different patterns, or, if most patterns differ, as a table for each few inputs.

    The intermediate results of one entry of ``inputs`` for that many hidden features fit a CPU's cache.
    """
    samples, places, _ = x.shape
    vectors = x.flatten(0, 1).contiguous().numpy()
    _, first, drawn = np.unique(
        vectors.view(f"V{vectors.strides[0]}")[:, 0], return_index=True, return_inverse=True, sorted=True
    )
    shared = len(first) <= SHARED * len(vectors)
    at_once = samples_at_once(x, hidden * x.element_size() * (1 if shared else places))
    pieces = [slice(begin, min(begin + at_once, samples)) for begin in range(0, samples, at_once)]
    if shared:
        rows = drawn.reshape(samples, places).astype(np.int32)
        return [Table(x.flatten(0, 1)[first], [(piece, rows[piece]) for piece in pieces])]
    rows = np.arange(min(at_once, samples) * places, dtype=np.int32).reshape(-1, places)
    return [Table(x[piece].flatten(0, 1), [(piece, rows[: piece.stop - piece.start])]) for piece in pieces]


def pool(  # type: ignore[no-untyped-def]
    responses: Float[np.ndarray, "pattern hidden"],
    drawn: Int[np.ndarray, "sample place"],
    pooled: Float[np.ndarray, "sample hidden"],
    winners: Int[np.ndarray, "sample hidden"],
):
    """Write max_j sigma(w_i . x[j]), and the row of the pattern p_i(x) that has it.

    It is the first of the patterns that tie. If no response is positive, it is the row behind the last one. A response
    that is NaN has a result of NaN.
    """
    for s in range(len(drawn)):
        pooled[s] = 0
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


@cache
def loops(dtype: torch.dtype) -> tuple[Callable, Callable]:
    """``pool`` and ``route``, compiled for numbers of one type."""
    name = str(dtype).removeprefix("torch.")
    return compiled([unwrap(pool)], f"pool-{name}"), compiled([unwrap(route)], f"route-{name}")
