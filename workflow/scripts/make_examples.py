"""Draw inputs of one detection task to look at."""

from convbias_pipeline.store.files import begin_job, read_table, write_table

begin_job(snakemake.log[0])

from convbias.columns import build  # noqa: E402
from convbias.detection import examples  # noqa: E402
from convbias.detection.tables import EXAMPLES, digits_of  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
digits = snakemake.input.get("digits")
images = digits_of(read_table(digits)[0]) if digits else None
settings = {name: spec[name] for name in ("task", "d", "l", "n_patterns", "inputs", "root_seed")}
columns = {**spec, **examples.examples(**settings, images=images)}
write_table(build(EXAMPLES, columns), snakemake.output.examples, provenance(spec))
