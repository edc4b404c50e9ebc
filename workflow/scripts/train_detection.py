"""Train one shard of pattern detectors: one experiment, task, model, training, sample size and block of seeds."""

from dataclasses import fields

from convbias_pipeline.run.devices import lease
from convbias_pipeline.store.files import begin_job, read_table, write_table

begin_job(snakemake.log[0])
if snakemake.resources.gpu:
    lease(snakemake.config["jobs_per_gpu"])

from convbias.columns import build  # noqa: E402
from convbias.detection import shard as experiments  # noqa: E402
from convbias.detection.settings import Shard  # noqa: E402
from convbias.detection.tables import PATTERNS, digits_of, inputs_of  # noqa: E402
from convbias.device import pick  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
device = pick(snakemake.config["device"] if snakemake.resources.gpu else "cpu")
digits = snakemake.input.get("digits")
images = digits_of(read_table(digits)[0]) if digits else None
shard = Shard(**{field.name: spec[field.name] for field in fields(Shard)})
inputs, seeds = inputs_of(read_table(snakemake.input.inputs)[0]), range(spec["first"], spec["last"] + 1)
columns = experiments.train_shard(shard, inputs, list(seeds), images, device)
write_table(build(PATTERNS, columns), snakemake.output.runs, provenance(spec, device))
