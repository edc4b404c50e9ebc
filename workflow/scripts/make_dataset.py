"""Draw the training sets of one task and sample size."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.linear import tasks  # noqa: E402
from convbias.linear.tables import POINTS  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
task = tasks.make(params["task"], params["d"])
seeds = range(params["first"], params["last"] + 1)
points = [tasks.draw_points(task, params["root_seed"], params["n_train"], seed) for seed in seeds]
write_table(build(POINTS, {"seed": seeds, "points": points}), snakemake.output.points, provenance(params))
