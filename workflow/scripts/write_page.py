"""Write the page that people open first: all figures, with the verdicts on the claims that each bears on."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, read_expected

begin_job(snakemake)

from convbias_pipeline.report import page  # noqa: E402

claims = read_expected([("claims", snakemake.input.claims)], snakemake.params.expected)["claims"].to_pylist()
text = page.page(claims, snakemake.params.job_params["figures"], snakemake.input.figures)
with atomic_write(snakemake.output.page) as temp_path:
    temp_path.write_text(text, encoding="utf-8")
