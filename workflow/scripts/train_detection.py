"""Train one shard: all networks of one detection experiment, task, model, training, sample size and block of seeds."""

from dataclasses import fields

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.run.devices import acquire_gpu, pick
from convbias_pipeline.store.files import read_expected, write_table

begin_job(snakemake)
if snakemake.resources.gpu:
    acquire_gpu(snakemake.config["jobs_per_gpu"])

from convbias.columns import build  # noqa: E402
from convbias.detection.settings import Settings  # noqa: E402
from convbias.detection.shard import train_shard  # noqa: E402
from convbias.detection.tables import DETECTION, read_digits, read_inputs  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
device = pick(snakemake.config["device"] if snakemake.resources.gpu else "cpu", "torch")
tables = read_expected(snakemake.input.items(), snakemake.params.expected)
images = read_digits(tables["digits"]) if "digits" in tables else None
settings = Settings(**{field.name: params[field.name] for field in fields(Settings)})
inputs, seeds = read_inputs(tables["inputs"]), range(params["first"], params["last"] + 1)
columns = train_shard(settings, inputs, list(seeds), images, device)
write_table(build(DETECTION, columns), snakemake.output.runs, provenance(params, device))
