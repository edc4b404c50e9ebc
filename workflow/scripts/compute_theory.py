"""Compute one set of theory's curves."""

from pipeline.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias import tables  # noqa: E402
from convbias.theory.curves import curves  # noqa: E402
from pipeline.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
columns = curves(spec["d"], spec["k"], spec["n_train"], spec["draws"], spec["root_seed"])
write_table(tables.build(tables.THEORY, {**spec, **columns}), snakemake.output.curves, provenance(spec))
