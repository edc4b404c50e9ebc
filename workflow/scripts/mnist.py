"""Download MNIST's four files and check them."""

from pathlib import Path

from pipeline.mnist import download

folder = Path(snakemake.output[0]).parent
try:
    download(folder)
except ConnectionError as problem:
    raise SystemExit(str(problem)) from None
Path(snakemake.log[0]).write_text(f"MNIST is in {folder}, and its contents are as they should be.\n")
