"""Draw the training and test sets of one detection task and sample size."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import read_expected, write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.detection.inputs import draw_inputs  # noqa: E402
from convbias.detection.tables import INPUTS, read_digits  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
tables = read_expected(snakemake.input.items(), snakemake.params.expected)
images = read_digits(tables["digits"]) if "digits" in tables else None
settings = {name: params[name] for name in ("task", "d", "l", "n_patterns", "n_train", "n_test", "root_seed")}
columns = draw_inputs(**settings, seeds=range(params["first"], params["last"] + 1), images=images)
write_table(build(INPUTS, columns), snakemake.output.inputs, provenance(params))
