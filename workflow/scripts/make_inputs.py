"""Draw the training and test sets of one detection task and sample size."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import read_table, write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.detection.inputs import draw_inputs  # noqa: E402
from convbias.detection.tables import INPUTS, read_digits  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
digits = snakemake.input.get("digits")
images = read_digits(read_table(digits)[0]) if digits else None
settings = {name: params[name] for name in ("task", "d", "l", "n_patterns", "n_train", "n_test", "root_seed")}
columns = draw_inputs(**settings, seeds=range(params["first"], params["last"] + 1), images=images)
write_table(build(INPUTS, columns), snakemake.output.inputs, provenance(params))
