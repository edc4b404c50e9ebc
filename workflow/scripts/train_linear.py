"""Train one shard: all networks of one experiment, task, model, loss, sample size and block of seeds."""

from dataclasses import fields

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.run.devices import acquire_gpu, pick
from convbias_pipeline.store.files import read_expected, write_table

begin_job(snakemake)
if snakemake.resources.gpu:
    acquire_gpu(snakemake.config["jobs_per_gpu"])

from convbias.columns import build  # noqa: E402
from convbias.linear.settings import Settings  # noqa: E402
from convbias.linear.shard import train_shard  # noqa: E402
from convbias.linear.tables import RUNS, read_points  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
device = pick(snakemake.config["device"] if snakemake.resources.gpu else "cpu", "numba")
points = read_expected(snakemake.input.items(), snakemake.params.expected)["points"]
settings = Settings(**{field.name: params[field.name] for field in fields(Settings)})
columns = train_shard(settings, read_points(points), points["seed"].to_pylist(), device, snakemake.threads)
write_table(build(RUNS, columns), snakemake.output.runs, provenance(params, device))
