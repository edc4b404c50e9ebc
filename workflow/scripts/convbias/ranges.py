"""The values that the columns of a table can have. A table with any other value is no result."""

from math import inf, ulp
from sys import float_info
from typing import Any, NamedTuple, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from convbias import registry
from convbias.stops import Stop

ROUNDING = 1e-9  # of proportions that are sums of floating-point numbers


class Range(NamedTuple):
    """Numbers from ``low`` to ``high``, in words."""

    low: float
    high: float
    text: str


PROPORTION = Range(-ROUNDING, 1 + ROUNDING, "a number from 0 to 1")
AMOUNT = Range(0, inf, "at least 0")
COUNT = Range(1, inf, "at least 1")
POSITIVE = Range(ulp(0), float_info.max, "a positive number")
FINITE = Range(-float_info.max, float_info.max, "a finite number")
RANGES = {
    **dict.fromkeys(("train_error", "test_error", "gaussian_test_error"), PROPORTION),
    **dict.fromkeys(("p_value", "p_holm", "p_supports", "p_contradicts"), PROPORTION),
    **dict.fromkeys(("train_loss", "sigma1", "sigma2", "noise", "signal"), AMOUNT),
    **dict.fromkeys(("step", "steps", "seed", "init_seed", "batch_size", "sample", "place", "pattern"), AMOUNT),
    **dict.fromkeys(("points", "patterns"), AMOUNT),
    **dict.fromkeys(("d", "l", "k", "n_patterns", "n_train", "n_test", "width", "n_parameters", "height"), COUNT),
    **dict.fromkeys(("learning_rate", "init_scale", "target_loss"), POSITIVE),
    "pixels": FINITE,
    "rho": Range(-1, 1, "a number from -1 to 1"),
    "label": Range(0, 9, "a digit"),
}
WORDS: dict[str, tuple[Any, ...]] = {"stopped": get_args(Stop), "y": (-1, 1), "role": (-1, 0, 1)}
ERRORS = ("train_loss", "train_error", "test_error")  # of networks, also as recorded_train_loss and so on
WITHOUT = {"train_loss": ("diverged", "not_separable")}  # the status of networks without this number


def problems(table: pa.Table) -> list[str]:
    """One line for each column with a value that it cannot have, with the first such row, counted from 0.

    Errors may be missing (null or NaN) only if the network diverged, and a loss also if there is none. The other
    columns of a row must have values, except in the tables of theory and of claims.
    """
    return [line for name in table.column_names if (line := _problem(name, table))]


def _problem(name: str, table: pa.Table) -> str | None:
    values, own = table[name].combine_chunks(), name.removeprefix("recorded_")
    rows = np.arange(len(values))
    optional = _optional(own, table)
    if pa.types.is_list(values.type):
        if values.null_count and not optional.all():
            return f"column {name}, row {np.asarray(values.is_null()).argmax()}: must be a list; found none"
        if own not in (*RANGES, *WORDS):
            return None
        rows, values = pc.list_parent_indices(values).to_numpy(), values.flatten()
    if pa.types.is_nested(values.type):
        return None
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    missing = np.asarray(values.is_null(nan_is_null=True))
    wrong = np.where(missing, ~optional[rows], ~_good(own, values, _negative(own, table)[rows]))
    if not wrong.any():
        return None
    place = int(wrong.argmax())
    value = values[place].as_py()
    return f"column {name}, row {rows[place]}: must be {_text(own)}; found {'none' if value is None else value}"


def _good(own: str, values: Any, negative: np.ndarray) -> np.ndarray:
    """Which values a column can have. Only a loss can be ``negative``."""
    if own in WORDS:
        return np.asarray(pc.is_in(values, pa.array(WORDS[own], values.type)))
    if own in RANGES and not pa.types.is_binary(values.type):  # the pixels of an image as bytes
        low, high, _ = RANGES[own]
        return (
            np.asarray(pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high)).fill_null(False)) | negative
        )
    return np.ones(len(values), bool)


def _text(own: str) -> str:
    if own in WORDS:
        return "one of " + ", ".join(map(str, WORDS[own]))
    return RANGES[own].text if own in RANGES else "a value"


def _optional(own: str, table: pa.Table) -> np.ndarray:
    """Whether each row may lack a value of this column."""
    names = table.column_names
    if "quantity" in names or "verdict" in names:
        return np.full(len(table), own not in ("experiment", "quantity", "id", "verdict"))
    if own in ERRORS and "stopped" in names:
        without = WITHOUT.get(own, ("diverged",))
        return np.asarray(pc.is_in(table["stopped"].cast(pa.string()), pa.array(without)))
    return np.full(len(table), own == "images")


def _negative(own: str, table: pa.Table) -> np.ndarray:
    """Whether each row may have a negative value of this column: a loss that is a multiple of the margin."""
    if own != "train_loss" or "loss" not in table.column_names:
        return np.zeros(len(table), bool)
    slopes = {name: registry.constants(f"linear.losses.{name}")["SLOPE"] for name in registry.names("linear.losses")}
    multiples = [name for name, slope in slopes.items() if slope == "constant"]
    return np.asarray(pc.is_in(table["loss"].cast(pa.string()), pa.array(multiples, pa.string())))
