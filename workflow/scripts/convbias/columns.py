"""Column types that several tables share, and a function that builds an Arrow table. All columns are public."""

from collections.abc import Mapping

import pyarrow as pa

from convbias.ranges import problems

NAME = pa.dictionary(pa.int32(), pa.string())
ERRORS = [("train_loss", pa.float64()), ("train_error", pa.float64()), ("test_error", pa.float64())]


def build(schema: pa.Schema, columns: Mapping[str, object]) -> pa.Table:
    """A table of that schema. A single value is repeated for all rows, and NaN becomes null.

    Raises:
        ValueError: columns have values that they cannot have; the message has a line for each such column.
    """
    rows = max(len(column) for column in columns.values() if not _scalar(column))  # type: ignore[arg-type]
    arrays = []
    for field in schema:
        values = columns[field.name]
        values = [values] * rows if _scalar(values) else values
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        arrays.append(pa.array(values, plain, from_pandas=True).cast(field.type))
    table = pa.Table.from_arrays(arrays, schema=schema)
    if wrong := problems(table):
        raise ValueError("\n".join(["These rows are no results. Correct the code that computes them:", *wrong]))
    return table


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
