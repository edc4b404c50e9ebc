"""A digest of a table's rows: two tables have the same if, and only if, they say the same."""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.files import read_table


def rows_digest(table: Any) -> str:
    """SHA-256 of an Arrow table's names, types and rows, in whatever order the rows stand and the buffers lie.

    Only rows that differ in nothing but lists are taken as they stand.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = {
        field.name: column.cast(field.type.value_type) if pa.types.is_dictionary(field.type) else column
        for field, column in zip(table.schema, table.columns, strict=True)
        if not pa.types.is_nested(field.type)
    }
    order = pc.sort_indices(pa.table(flat), [(name, "ascending") for name in flat])
    total = sha256(json.dumps([(field.name, _kind(field.type)) for field in table.schema]).encode())
    for column in table.take(order).columns:
        _add(total, column.combine_chunks())
    return total.hexdigest()


def _kind(of: Any) -> Any:
    """A type by what it holds: not how it is encoded, nor how a list calls its items, which a file on disk changes."""
    import pyarrow as pa

    if pa.types.is_dictionary(of):
        return _kind(of.value_type)
    if pa.types.is_list(of):
        return [_kind(of.value_type)]
    if pa.types.is_struct(of):
        return {field.name: _kind(field.type) for field in of}
    return str(of)


def _add(total: Any, values: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    total.update(values.is_valid().to_numpy(zero_copy_only=False).tobytes())
    values = values.drop_null()
    if pa.types.is_struct(values.type):
        for part in values.flatten():
            _add(total, part)
    elif pa.types.is_list(values.type):
        _add(total, pc.list_value_length(values))
        _add(total, values.flatten())
    elif pa.types.is_string(values.type):
        encoded = values.dictionary_encode()
        total.update(json.dumps(encoded.dictionary.to_pylist()).encode())
        _add(total, encoded.indices)
    else:
        total.update(values.to_numpy(zero_copy_only=False).tobytes())


if __name__ == "__main__":
    for file in sys.argv[1:]:
        rows, origin = read_table(file)
        print(f"{Path(file).stem:<13}{rows.num_rows:>8,} rows  {origin['rows']}")
