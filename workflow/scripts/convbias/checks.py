"""The theory table: the values that a paper's theory predicts, and how often a check of the theory failed.

A check is a module in ``papers/*/checks``. Its constant ``SETTINGS`` names its settings, each with its type in
``config.schema.yaml``. Its function ``curves(..., root_seed) -> dict`` maps these settings to columns of the theory
table. A column that is not returned is empty.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pyarrow as pa

from convbias import catalogue
from convbias.columns import NAME

THEORY = pa.schema(
    [
        ("experiment", NAME),
        ("quantity", NAME),
        ("d", pa.int32()),
        ("l", pa.int32()),  # the number of different patterns in brutzkus2021, if it is not d
        ("k", pa.int32()),  # the filter size in wu2019, the number of channels in brutzkus2021
        ("n_patterns", pa.int32()),
        ("n_train", pa.int32()),
        ("seed", pa.int32()),  # of a row about one training set, or about one network
        ("rho", pa.float64()),  # the inner product of two patterns of brutzkus2021, if it is not 0
        ("init_scale", pa.float64()),  # b in wu2019
        ("noise", pa.float64()),  # the bound on the norm of the noise in brutzkus2021
        ("signal", pa.float64()),  # the strength of the signal, in noise of standard deviation 1
        ("step", pa.int64()),
        ("value", pa.float64()),
        ("low", pa.float64()),  # the 95 % interval of an estimate; null if the value is exact
        ("high", pa.float64()),
    ]
)


def compute(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """All columns of the theory table except the experiment's name."""
    module = import_module(f"convbias.{catalogue.checks()[name].module}")
    return {**dict.fromkeys(THEORY.names), **module.curves(**settings)}


def columns(rows: list[dict[str, Any]]) -> dict[str, list]:
    """Columns from rows; missing values are None."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
