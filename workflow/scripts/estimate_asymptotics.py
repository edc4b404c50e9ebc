"""Estimate the limit of X-hinge training on one experiment's training sets of one sample size, by SVD."""

from convbias_pipeline.store.files import begin_job, read_table, write_table

begin_job(snakemake.log[0])

from convbias.columns import build  # noqa: E402
from convbias.linear import tasks  # noqa: E402
from convbias.linear.tables import ASYMPTOTICS, points_of  # noqa: E402
from convbias.papers.wu2019.theory import asymptotics  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
points, _ = read_table(snakemake.input.points)
estimate = asymptotics.estimate(tasks.make(spec["task"], spec["d"]), points_of(points), spec["k"])
columns = {**spec, "seed": points["seed"].to_pylist(), **estimate._asdict()}
write_table(build(ASYMPTOTICS, columns), snakemake.output.limits, provenance(spec))
