"""Draw the training and test sets of one detection task and sample size."""

from convbias_pipeline.store.files import begin_job, read_table, write_table

begin_job(snakemake.log[0])

from convbias.columns import build  # noqa: E402
from convbias.detection.inputs import draw_inputs  # noqa: E402
from convbias.detection.tables import INPUTS, digits_of  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
digits = snakemake.input.get("digits")
images = digits_of(read_table(digits)[0]) if digits else None
settings = {name: spec[name] for name in ("task", "d", "l", "n_patterns", "n_train", "n_test", "root_seed")}
columns = draw_inputs(**settings, seeds=range(spec["first"], spec["last"] + 1), images=images)
write_table(build(INPUTS, columns), snakemake.output.inputs, provenance(spec))
