"""Run one check of a paper's theory."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import write_table

begin_job(snakemake)

from convbias.checks import THEORY, compute  # noqa: E402
from convbias.columns import build  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
settings = {name: value for name, value in params.items() if name not in ("experiment", "check", "code")}
columns = {**compute(params["check"], settings), "experiment": params["experiment"]}
write_table(build(THEORY, columns), snakemake.output.curves, provenance(params))
