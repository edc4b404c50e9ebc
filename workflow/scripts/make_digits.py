"""Read the digit images into one table: those of MNIST, or the small ones that come with the package."""

from pathlib import Path

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, write_table

begin_job(snakemake)

from convbias.detection import digits  # noqa: E402
from convbias.detection.tables import digits_table  # noqa: E402
from convbias_pipeline.store import mnist  # noqa: E402
from convbias_pipeline.store.provenance import provenance  # noqa: E402

params = snakemake.params.job_params
folder = mnist.folder(snakemake.config["mnist"], Path("results/mnist")) if params["images"] == digits.MNIST else None
images = digits.from_idx(*mnist.read(folder).values()) if folder else digits.bundled()
print(f"{len(images.label)} images: {images.name}, from {folder or 'the package convbias'}")
write_table(digits_table(images), snakemake.output.digits, provenance(params))
with atomic_write(snakemake.output.name) as temp_path:
    temp_path.write_text(f"{images.name}\n", encoding="utf-8")
