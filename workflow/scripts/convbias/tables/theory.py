"""The table of theory's own values; what does not apply to a row is empty."""

import pyarrow as pa

from convbias.tables import NAME

THEORY = pa.schema(
    [
        ("experiment", NAME),
        ("quantity", NAME),
        ("d", pa.int32()),
        ("k", pa.int32()),  # the filter size in wu2019, the number of channels in brutzkus2021
        ("n_patterns", pa.int32()),
        ("n_train", pa.int32()),
        ("step", pa.int64()),
        ("value", pa.float64()),
        ("low", pa.float64()),  # the 95 % interval of an estimate; null where the value is exact
        ("high", pa.float64()),
    ]
)
