"""Draw example inputs of one detection task."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import read_table, write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.detection import examples  # noqa: E402
from convbias.detection.tables import EXAMPLES, read_digits  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
digits = snakemake.input.get("digits")
images = read_digits(read_table(digits)[0]) if digits else None
settings = {name: params[name] for name in ("task", "d", "l", "n_patterns", "inputs", "root_seed")}
columns = {**params, **examples.examples(**settings, images=images)}
write_table(build(EXAMPLES, columns), snakemake.output.examples, provenance(params))
