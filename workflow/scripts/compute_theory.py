"""Compute one set of theory's curves."""

from pipeline.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias.tables import build  # noqa: E402
from convbias.tables.theory import THEORY  # noqa: E402
from convbias.theory.curves import compute  # noqa: E402
from pipeline.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
settings = {name: value for name, value in spec.items() if name not in ("experiment", "curves", "code")}
columns = {**compute(spec["curves"], settings), "experiment": spec["experiment"]}
write_table(build(THEORY, columns), snakemake.output.curves, provenance(spec))
