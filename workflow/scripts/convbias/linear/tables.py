"""Tables of linear classifiers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from convbias.columns import ERRORS, NAME

POINTS = pa.schema([("seed", pa.int64()), ("points", pa.list_(pa.int32()))])

_NETWORK = [
    ("experiment", NAME),
    ("task", NAME),
    ("model", NAME),
    ("loss", NAME),
    ("d", pa.int32()),
    ("k", pa.int32()),  # the filter size of the experiment; only models with a filter use it
    ("n_train", pa.int32()),
    ("seed", pa.int64()),
    ("init_seed", pa.int64()),
    ("learning_rate", pa.float64()),
    ("init_scale", pa.float64()),
    ("init_law", NAME),
]

LINEAR = pa.schema([*_NETWORK, ("steps", pa.int64()), ("stopped", NAME), *ERRORS])
TRAJECTORIES = pa.schema([*_NETWORK, ("step", pa.int64()), *ERRORS])
# The rows that a training job writes: a row of LINEAR for each network, with its trajectory as lists.
RUNS = pa.schema(
    [
        *LINEAR,
        ("recorded_step", pa.list_(pa.int64())),
        *((f"recorded_{name}", pa.list_(kind)) for name, kind in ERRORS),
    ]
)

ASYMPTOTICS = pa.schema(
    [
        ("experiment", NAME),
        ("task", NAME),
        ("d", pa.int32()),
        ("k", pa.int32()),
        ("n_train", pa.int32()),
        ("seed", pa.int64()),
        ("sigma1", pa.float64()),
        ("sigma2", pa.float64()),
        ("degenerate", pa.bool_()),
        ("train_error", pa.float64()),
        (
            "test_error",
            pa.float64(),
        ),  # the bound of Theorem 2; equal to gaussian_test_error unless sigma1 is degenerate
        ("gaussian_test_error", pa.float64()),
    ]
)


def read_points(table: pa.Table) -> np.ndarray:
    """The training sets of a table of points, shape (run, n_train)."""
    return np.array(table["points"].to_pylist())


def trajectories(runs: pa.Table) -> pa.Table:
    """One row per network and recorded step."""
    network = pc.list_parent_indices(runs["recorded_step"])
    columns = {name: pc.list_flatten(runs[f"recorded_{name}"]) for name in ("step", *(name for name, _ in ERRORS))}
    return pa.table({**{name: runs[name].take(network) for name, _ in _NETWORK}, **columns})
