"""Draw the training sets of one task and sample size."""

from convbias_pipeline.store.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias.columns import build  # noqa: E402
from convbias.linear import tasks  # noqa: E402
from convbias.linear.tables import POINTS  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
task = tasks.make(spec["task"], spec["d"])
seeds = range(spec["first"], spec["last"] + 1)
points = [tasks.draw_points(task, spec["root_seed"], spec["n_train"], seed) for seed in seeds]
write_table(build(POINTS, {"seed": seeds, "points": points}), snakemake.output.points, provenance(spec))
