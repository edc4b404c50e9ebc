"""Write the explorer: a page with exact error curves and the trained networks, at settings that the reader chooses."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, stream_frames

begin_job(snakemake)

from convbias.figures import explorer  # noqa: E402

params = snakemake.params.job_params
frames = stream_frames(snakemake.input.items(), params["experiments"], snakemake.params.expected)
page = explorer.page(frames, params["channels"])
with atomic_write(snakemake.output.page) as temp_path:
    temp_path.write_text(page, encoding="utf-8")
