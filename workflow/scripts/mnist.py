"""Download MNIST's four files and check them."""

from pathlib import Path

from convbias_pipeline.store.mnist import FILES, download

sums, log = Path(snakemake.output.sums), Path(snakemake.log[0])
try:
    download(sums.parent)
except ConnectionError as problem:
    log.write_text(f"{problem}\n", encoding="utf-8")
    raise SystemExit(str(problem)) from None
sums.write_text(
    "".join(f"{content}  {name.removesuffix('.gz')}\n" for name, content in FILES.items()), encoding="utf-8"
)
log.write_text(f"MNIST is in {sums.parent}, and all four files have the expected content.\n", encoding="utf-8")
