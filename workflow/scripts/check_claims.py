"""Decide the claims. Write their verdicts as a table, as a page and as a list for the documentation."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, read_frames, write_table

begin_job(snakemake)

from convbias.claims import decide, page  # noqa: E402
from convbias.claims.table import CLAIMS  # noqa: E402
from convbias.columns import build  # noqa: E402
from convbias_pipeline.store.digest import rows_digest  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
frames = read_frames(snakemake.input.items(), params["experiments"], snakemake.params.expected)
rows = decide(frames, params["claims"])
for row in rows:
    print(f"{row['id']}: {row['verdict']}")
for path, text in ((snakemake.output.page, page.page(rows)), (snakemake.output.readme, page.readme(rows))):
    with atomic_write(path) as temp_path:
        temp_path.write_text(text, encoding="utf-8")
columns = {name: [row[name] for row in rows] for name in CLAIMS.names}
table = build(CLAIMS, columns)
write_table(
    table,
    snakemake.output.table,
    {**provenance(params), "tables": snakemake.params.expected, "rows": rows_digest(table)},
)
