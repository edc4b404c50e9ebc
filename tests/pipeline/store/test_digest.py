import pyarrow as pa
import pytest

from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import read_table, write_table

ROWS = [
    {"seed": 1, "error": 0.5, "task": "cls", "steps": [1, 2], "parts": {"name": "a", "p": None}, "found": True},
    {"seed": 2, "error": None, "task": "first_person", "steps": [], "parts": {"name": "b", "p": 0.1}, "found": None},
    {"seed": 3, "error": -0.0, "task": "cls", "steps": None, "parts": None, "found": False},
]
SCHEMA = pa.schema(
    [
        ("seed", pa.int64()),
        ("error", pa.float64()),
        ("task", pa.dictionary(pa.int8(), pa.string())),
        ("steps", pa.list_(pa.int64())),
        ("parts", pa.struct([("name", pa.string()), ("p", pa.float64())])),
        ("found", pa.bool_()),
    ]
)


def table(rows, schema=SCHEMA):
    return pa.Table.from_pylist(rows, schema=schema)


def test_order_of_rows_chunks_and_buffers_have_no_effect():
    whole = table(ROWS)
    other = table([{**ROWS[0], "task": "third_person"}, *ROWS[::-1]]).slice(1)  # has another dictionary and an offset
    assert rows_digest(other) == rows_digest(whole)
    assert rows_digest(pa.concat_tables([whole.slice(2), whole.slice(0, 2)])) == rows_digest(whole)
    assert rows_digest(whole.replace_schema_metadata({"convbias": "{}"})) == rows_digest(whole)


def test_a_table_has_the_same_digest_on_disk(tmp_path):
    """Parquet changes the name of the items of lists."""
    write_table(table(ROWS), str(tmp_path / "t.parquet"), {})
    assert rows_digest(read_table(str(tmp_path / "t.parquet"))[0]) == rows_digest(table(ROWS))


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "seed", 4),
        (0, "error", 0.5 + 2**-53),
        (2, "error", 0.0),
        (1, "error", 0.0),
        (0, "task", "cl"),
        (0, "steps", [1, 3]),
        (1, "steps", [2]),
        (1, "steps", None),
        (2, "steps", []),
        (0, "parts", {"name": "a", "p": 0.0}),
        (1, "parts", {"name": "c", "p": 0.1}),
        (2, "parts", {"name": None, "p": None}),
        (0, "found", False),
        (1, "found", False),
    ],
)
def test_every_value_changes_the_digest(row, column, value):
    changed = [{**there, column: value} if number == row else there for number, there in enumerate(ROWS)]
    assert rows_digest(table(changed)) != rows_digest(table(ROWS))


def test_names_types_and_the_number_of_rows_change_the_digest():
    whole = table(ROWS)
    others = [
        whole.rename_columns(["seeds", *whole.column_names[1:]]),
        table(ROWS, SCHEMA.set(0, pa.field("seed", pa.int32()))),
        table(ROWS[:2]),
        table([*ROWS, ROWS[0]]),
        whole.select(["seed", "error"]),
    ]
    assert len({rows_digest(other) for other in [whole, *others]}) == 1 + len(others)


def test_moving_a_value_to_another_row_or_list_changes_the_digest():
    schema = pa.schema([("a", pa.string()), ("b", pa.list_(pa.string()))])
    cells = [("ab", ["c"]), ("a", ["bc"]), ("abc", []), ("", ["abc"]), ("", ["ab", "c"]), ("", ["a", "bc"])]
    assert len({rows_digest(pa.Table.from_pylist([{"a": a, "b": b}], schema=schema)) for a, b in cells}) == len(cells)
    lists = pa.schema([("a", pa.int64()), ("b", pa.list_(pa.int64()))])
    splits = [([1], [2, 3]), ([1, 2], [3]), ([], [1, 2, 3])]
    tables = [pa.table({"a": [1, 2], "b": list(split)}, schema=lists) for split in splits]
    assert len(set(map(rows_digest, tables))) == len(splits)
