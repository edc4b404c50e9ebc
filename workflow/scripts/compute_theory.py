"""Compute one set of theory's curves."""

from convbias_pipeline.store.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias.checks import (
    THEORY,  # noqa: E402
    compute,  # noqa: E402
)
from convbias.columns import build  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
settings = {name: value for name, value in spec.items() if name not in ("experiment", "curves", "code")}
columns = {**compute(spec["curves"], settings), "experiment": spec["experiment"]}
write_table(build(THEORY, columns), snakemake.output.curves, provenance(spec))
