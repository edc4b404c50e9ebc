"""Train one shard: all networks of one experiment, task, model, loss, sample size and block of seeds."""

from dataclasses import fields

from convbias_pipeline.run.devices import lease
from convbias_pipeline.store.files import begin_job, read_table, write_table

begin_job(snakemake.log[0])
if snakemake.resources.gpu:
    lease(snakemake.config["jobs_per_gpu"])

import torch  # noqa: E402

from convbias.columns import build  # noqa: E402
from convbias.device import pick  # noqa: E402
from convbias.linear import shard as experiments  # noqa: E402
from convbias.linear.tables import RUNS, points_of  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

torch.set_num_threads(snakemake.threads)
spec = snakemake.params.spec
device = pick(snakemake.config["device"] if snakemake.resources.gpu else "cpu")
points, _ = read_table(snakemake.input.points)
shard = experiments.Shard(**{field.name: spec[field.name] for field in fields(experiments.Shard)})
columns = experiments.train_shard(shard, points_of(points), points["seed"].to_pylist(), device)
write_table(build(RUNS, columns), snakemake.output.runs, provenance(spec, device))
