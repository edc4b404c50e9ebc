"""Complete tables, from the shards that jobs wrote."""

from collections.abc import Sequence

import pyarrow as pa

from convbias.checks import THEORY
from convbias.detection.tables import DETECTION, EXAMPLES
from convbias.linear.tables import ASYMPTOTICS, LINEAR, RUNS, TRAJECTORIES, trajectories

SCHEMAS = {
    "linear": LINEAR,
    "trajectories": TRAJECTORIES,
    "detection": DETECTION,
    "asymptotics": ASYMPTOTICS,
    "theory": THEORY,
    "examples": EXAMPLES,
}
SHARDS = {**SCHEMAS, "linear": RUNS, "trajectories": RUNS}  # of the shards of each table


def concatenate(name: str, shards: Sequence[pa.Table]) -> pa.Table:
    """The table of that name, from some of its shards in the given order."""
    schema = SCHEMAS[name]
    rows = (trajectories(shard) if name == "trajectories" else shard for shard in shards)
    tables = [schema.empty_table(), *(table.select(schema.names).cast(schema) for table in rows)]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()
