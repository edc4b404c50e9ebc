"""Draw example inputs of one detection task."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import read_expected, write_table

begin_job(snakemake)

from convbias.columns import build  # noqa: E402
from convbias.detection import examples  # noqa: E402
from convbias.detection.tables import EXAMPLES, read_digits  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
tables = read_expected(snakemake.input.items(), snakemake.params.expected)
images = read_digits(tables["digits"]) if "digits" in tables else None
settings = {name: params[name] for name in ("task", "d", "l", "n_patterns", "inputs", "root_seed")}
columns = {**params, **examples.examples(**settings, images=images)}
write_table(build(EXAMPLES, columns), snakemake.output.examples, provenance(params))
