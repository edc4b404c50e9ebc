"""Collect the parts of one table into one file."""

from convbias_pipeline.store.files import begin_job, write_tables

begin_job(snakemake.log[0])

from convbias.tables import SCHEMAS, concatenate  # noqa: E402
from convbias_pipeline.jobs.shards import unpack  # noqa: E402
from convbias_pipeline.store.collection import collect  # noqa: E402
from convbias_pipeline.store.digest import RowsDigest  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
name, circumstances = spec["table"], []
digest = RowsDigest(SCHEMAS[name])
groups = (concatenate(name, parts) for parts in collect(unpack(spec["parts"]), circumstances))
write_tables(
    SCHEMAS[name],
    map(digest.add, groups),
    snakemake.output.table,
    lambda: {**provenance(spec), "parts": circumstances, "rows": digest.hexdigest()},
)
print(f"{digest.rows} rows, {digest.hexdigest()}")
