"""Compute the SVD estimate on each of an experiment's training sets of one sample size."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import read_expected, write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.linear import tasks  # noqa: E402
from convbias.linear.tables import ASYMPTOTICS, read_points  # noqa: E402
from convbias.papers.wu2019.theory import svd_estimate  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
points = read_expected(snakemake.input.items(), snakemake.params.expected)["points"]
estimate = svd_estimate.estimate(tasks.make(params["task"], params["d"]), read_points(points), params["k"])
columns = {**params, "seed": points["seed"].to_pylist(), **estimate._asdict()}
write_table(build(ASYMPTOTICS, columns), snakemake.output.limits, provenance(params))
