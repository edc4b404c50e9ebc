"""Collect the parts of one table into one file."""

from pipeline.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias.tables.collecting import collect as concatenate  # noqa: E402
from pipeline.collection import collect  # noqa: E402
from pipeline.digest import rows_digest  # noqa: E402
from pipeline.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
parts, circumstances = collect(spec["expected"], spec["last"])
table = concatenate(spec["table"], parts)
origin = {**provenance(spec), "parts": circumstances, "rows": rows_digest(table)}
print(f"{table.num_rows} rows from {len(parts)} files, {origin['rows']}")
write_table(table, snakemake.output.table, origin)
