"""Tables of detection networks."""

import numpy as np
import pyarrow as pa

from convbias.columns import ERRORS, NAME, build
from convbias.detection.digits import Digits

# ``patterns`` are the patterns of one input: indices of rows of the orthogonal matrix, or of the table of digits.
INPUTS = pa.schema([("seed", pa.int64()), ("test", pa.bool_()), ("y", pa.int8()), ("patterns", pa.list_(pa.int32()))])
DIGITS = pa.schema(
    [
        ("name", NAME),
        ("height", pa.int32()),
        ("top", pa.int32()),
        ("test", pa.bool_()),
        ("label", pa.uint8()),
        ("pixels", pa.binary()),
    ]
)

DETECTION = pa.schema(
    [
        ("experiment", NAME),
        ("task", NAME),
        ("images", NAME),  # the collection of digits; null if the patterns are not images
        ("model", NAME),
        ("training", NAME),
        ("d", pa.int32()),
        ("l", pa.int32()),  # the number of orthogonal patterns; digits ignore it
        ("n_patterns", pa.int32()),
        ("noise", pa.float64()),
        ("noise_law", NAME),
        ("width", pa.int32()),
        ("n_parameters", pa.int64()),
        ("n_train", pa.int32()),
        ("n_test", pa.int32()),
        ("seed", pa.int64()),
        ("learning_rate", pa.float64()),
        ("init_scale", pa.float64()),
        ("target_loss", pa.float64()),
        ("batch_size", pa.int32()),  # samples per step; 0 for all
        ("steps", pa.int64()),
        ("stopped", NAME),
        *ERRORS,
    ]
)

# Example inputs, with one row per pattern.
EXAMPLES = pa.schema(
    [
        ("experiment", NAME),
        ("task", NAME),
        ("images", NAME),
        ("sample", pa.int32()),
        ("y", pa.int8()),
        ("place", pa.int32()),
        ("pattern", pa.int32()),
        ("role", pa.int8()),
        ("height", pa.int32()),
        ("pixels", pa.list_(pa.float64())),
    ]
)


def read_inputs(table: pa.Table) -> dict[str, np.ndarray]:
    """The columns of a table of inputs; patterns have shape (sample, place)."""
    columns = {name: table[name].to_numpy() for name in ("seed", "test", "y")}
    return {**columns, "patterns": np.array(table["patterns"].to_pylist())}


def digits_table(digits: Digits) -> pa.Table:
    """A collection of digit images as a table, with one image per row."""
    columns = {**vars(digits), "pixels": [image.tobytes() for image in digits.pixels]}
    return build(DIGITS, {name: columns[name] for name in DIGITS.names})


def read_digits(table: pa.Table) -> Digits:
    """The collection of digit images in a table from ``digits_table``."""
    name, height, top = (table[column][0].as_py() for column in ("name", "height", "top"))
    pixels = np.frombuffer(table["pixels"].combine_chunks().buffers()[2], np.uint8).reshape(table.num_rows, -1)
    return Digits(name, pixels, table["label"].to_numpy(), table["test"].to_numpy(), height, top)
