"""The tables that the pipeline hands on, as Arrow tables; their columns are a public interface."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NAME = pa.dictionary(pa.int32(), pa.string())

POINTS = pa.schema([("seed", pa.int64()), ("points", pa.list_(pa.int32()))])

_NETWORK = [
    ("experiment", NAME),
    ("task", NAME),
    ("model", NAME),
    ("loss", NAME),
    ("d", pa.int32()),
    ("k", pa.int32()),  # the experiment's filter size; only models with a filter use it
    ("n_train", pa.int32()),
    ("seed", pa.int64()),
    ("init_seed", pa.int64()),
    ("learning_rate", pa.float64()),
    ("init_scale", pa.float64()),
]
_ERRORS = [("train_loss", pa.float64()), ("train_error", pa.float64()), ("test_error", pa.float64())]

LINEAR = pa.schema([*_NETWORK, ("steps", pa.int64()), ("stopped", NAME), *_ERRORS])
TRAJECTORIES = pa.schema([*_NETWORK, ("step", pa.int64()), *_ERRORS])
# what a training job writes: a row of LINEAR for each network, with its trajectory as lists
RUNS = pa.schema(
    [
        *LINEAR,
        ("recorded_step", pa.list_(pa.int64())),
        *((f"recorded_{name}", pa.list_(kind)) for name, kind in _ERRORS),
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
        ("test_error", pa.float64()),  # Theorem 2's bound; equal to the next but where sigma1 is degenerate
        ("gaussian_test_error", pa.float64()),
    ]
)

THEORY = pa.schema(
    [
        ("experiment", NAME),
        ("quantity", NAME),
        ("d", pa.int32()),
        ("k", pa.int32()),
        ("n_train", pa.int32()),
        ("value", pa.float64()),
        ("low", pa.float64()),  # the 95 % interval of an estimate; null where the value is exact
        ("high", pa.float64()),
    ]
)

SCHEMAS = {"linear": LINEAR, "trajectories": TRAJECTORIES, "asymptotics": ASYMPTOTICS, "theory": THEORY}


def build(schema: pa.Schema, columns: Mapping[str, object]) -> pa.Table:
    """A table of that schema; a column given as one value is repeated, and NaN becomes null."""
    rows = max(len(column) for column in columns.values() if not _scalar(column))  # type: ignore[arg-type]
    arrays = []
    for field in schema:
        values = columns[field.name]
        values = [values] * rows if _scalar(values) else values
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        arrays.append(pa.array(values, plain, from_pandas=True).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def points_of(table: pa.Table) -> np.ndarray:
    """The training sets of a table of points, shape (run, n_train)."""
    return np.array(table["points"].to_pylist())


def collect(name: str, parts: Sequence[pa.Table]) -> pa.Table:
    """A table of that name from what the jobs wrote, in the order given."""
    schema = SCHEMAS[name]
    rows = (trajectories(part) if name == "trajectories" else part for part in parts)
    tables = [schema.empty_table(), *(table.select(schema.names).cast(schema) for table in rows)]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def trajectories(runs: pa.Table) -> pa.Table:
    """One row per network and recorded step."""
    network = pc.list_parent_indices(runs["recorded_step"])
    columns = {name: pc.list_flatten(runs[f"recorded_{name}"]) for name in ("step", *(name for name, _ in _ERRORS))}
    return pa.table({**{name: runs[name].take(network) for name, _ in _NETWORK}, **columns})
