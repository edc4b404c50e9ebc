"""Collect the shards of one table into one file."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import write_tables

begin_job(snakemake)

from convbias.tables import SCHEMAS, SHARDS, concatenate  # noqa: E402
from convbias_pipeline.jobs.shards import unpack  # noqa: E402
from convbias_pipeline.store.collection import collect  # noqa: E402
from convbias_pipeline.store.digest import RowsDigest  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
name, environments = params["table"], []
digest = RowsDigest(SCHEMAS[name])
groups = (concatenate(name, shards) for shards in collect(unpack(snakemake.params.shards), SHARDS[name], environments))
write_tables(
    SCHEMAS[name],
    map(digest.add, groups),
    snakemake.output.table,
    lambda: {
        **provenance(params),
        "shards": snakemake.params.shards,
        "environments": environments,
        "rows": digest.hexdigest(),
    },
)
print(f"{digest.rows} rows, {digest.hexdigest()}")
