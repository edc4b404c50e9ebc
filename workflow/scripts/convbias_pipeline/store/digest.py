"""A digest of the rows of a table: equal for tables with equal content, and only for these."""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from convbias_pipeline.store.files import read_table

WIDTH = 32  # bytes of the hash that stands for a value of variable length


def rows_digest(table: Any) -> str:
    """SHA-256 of the names, types and rows of an Arrow table. The order and the layout of the rows have no effect."""
    digest = RowsDigest(table.schema)
    digest.add(table)
    return digest.hexdigest()


class RowsDigest:
    """The digest of a table that arrives in pieces. It is computed from the sum of the digests of the rows."""

    def __init__(self, schema: Any) -> None:
        self.head = json.dumps([(field.name, kind(field.type)) for field in schema])
        self.total = self.rows = 0

    def add(self, table: Any) -> Any:
        """Add the rows of a table to the digest, and return the table."""
        import numpy as np

        if table.num_rows:
            columns = [_bytes(column.combine_chunks()) for column in table.columns]
            rows = np.concatenate(columns, axis=1)
            width, content = rows.shape[1], memoryview(rows.tobytes())
            for first in range(0, len(content), width):
                self.total += int.from_bytes(sha256(content[first : first + width]).digest(), "little")
            self.rows += table.num_rows
        return table

    def hexdigest(self) -> str:
        """The digest of the rows so far."""
        return sha256(f"{self.head} {self.rows} {self.total % 2 ** (8 * WIDTH)}".encode()).hexdigest()


def kind(of: Any) -> Any:
    """The type of the values, without details that writing a file changes: encoding, and names of list items."""
    import pyarrow as pa

    if pa.types.is_dictionary(of):
        return kind(of.value_type)
    if pa.types.is_list(of):
        return [kind(of.value_type)]
    if pa.types.is_struct(of):
        return {field.name: kind(field.type) for field in of}
    return str(of)


def _bytes(values: Any) -> Any:
    """The values as bytes, with one width for all rows. The first byte is 1 if the row has a value, otherwise 0."""
    import numpy as np
    import pyarrow as pa

    valid = values.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)[:, None]
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_nested(values.type):
        content = _digests(json.dumps(value) for value in values.to_pylist())
    elif pa.types.is_string(values.type):
        encoded = values.dictionary_encode()
        content = _digests([*encoded.dictionary.to_pylist(), ""])[encoded.indices.fill_null(-1)]
    else:
        dtype = np.uint8 if pa.types.is_boolean(values.type) else values.type.to_pandas_dtype()
        numbers = values.fill_null(False if dtype is np.uint8 else 0).to_numpy(zero_copy_only=False)
        content = np.ascontiguousarray(numbers, dtype).view(np.uint8).reshape(len(values), -1)
    return np.concatenate([valid, content], axis=1)


def _digests(texts: Any) -> Any:
    import numpy as np

    return np.frombuffer(b"".join(sha256(text.encode()).digest() for text in texts), np.uint8).reshape(-1, WIDTH)


if __name__ == "__main__":
    for file in sys.argv[1:]:
        rows, provenance = read_table(file)
        print(f"{Path(file).stem:<13}{rows.num_rows:>8,} rows  {provenance['rows']}")
