"""Read the digit images into one table: MNIST's, or those that come with scikit-learn."""

from pathlib import Path

from pipeline.files import begin_job, write_table

begin_job(snakemake.log[0])

from convbias.patterns import digits  # noqa: E402
from convbias.tables.patterns import digits_table  # noqa: E402
from pipeline import mnist  # noqa: E402
from pipeline.provenance import provenance  # noqa: E402

spec = snakemake.params.spec
folder = mnist.folder(snakemake.config["mnist"], Path("results/mnist")) if spec["images"] == digits.MNIST else None
images = digits.from_idx(*mnist.read(folder).values()) if folder else digits.bundled()
print(f"{len(images.label)} images: {images.name}, from {folder or 'scikit-learn'}")
write_table(digits_table(images), snakemake.output.digits, provenance(spec))
