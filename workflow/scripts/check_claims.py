"""Decide the claims: their table, and the same as a page and as the README shows it."""

from convbias_pipeline.store.files import begin_job, read_frames, whole, write_table

begin_job(snakemake.log[0], pandas=True)

from convbias.claims import decide
from convbias.claims import page as _page  # noqa: E402
from convbias.claims.table import CLAIMS  # noqa: E402
from convbias.columns import build  # noqa: E402
from convbias_pipeline.store.digest import rows_digest  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
frames = read_frames(snakemake.input.items(), spec["experiments"])
rows = decide(frames, spec["claims"])
for row in rows:
    print(f"{row['id']}: {row['verdict']}")
for path, text in ((snakemake.output.page, _page.page(rows)), (snakemake.output.readme, _page.readme(rows))):
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8")
columns = {name: [row[name] for row in rows] for name in CLAIMS.names}
table = build(CLAIMS, columns)
write_table(table, snakemake.output.table, {**provenance(spec), "rows": rows_digest(table)})
