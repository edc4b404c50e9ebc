"""From what the jobs wrote to whole tables."""

from collections.abc import Sequence

import pyarrow as pa

from convbias.checks import THEORY
from convbias.detection.tables import DETECTION, EXAMPLES
from convbias.linear.tables import ASYMPTOTICS, LINEAR, TRAJECTORIES, trajectories

SCHEMAS = {
    "linear": LINEAR,
    "trajectories": TRAJECTORIES,
    "detection": DETECTION,
    "asymptotics": ASYMPTOTICS,
    "theory": THEORY,
    "examples": EXAMPLES,
}


def concatenate(name: str, parts: Sequence[pa.Table]) -> pa.Table:
    """The rows of a table of that name from what some of its jobs wrote, in the order given."""
    schema = SCHEMAS[name]
    rows = (trajectories(part) if name == "trajectories" else part for part in parts)
    tables = [schema.empty_table(), *(table.select(schema.names).cast(schema) for table in rows)]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()
