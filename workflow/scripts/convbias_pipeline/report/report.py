"""Write Snakemake's report of a run from within the run."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from convbias_pipeline.store.files import atomic_write


def write_report(
    page: str, log: str, snakefile: str, style: Path, configfiles: Iterable[Path], values: Iterable[str]
) -> None:
    """Write ``page`` by a second Snakemake process, which reads the same configuration and records.

    Args:
        page: The path of the report. Its folder must exist.
        log: The path for the messages of the second process.
        snakefile: The Snakefile of the workflow.
        style: A style sheet for the page.
        configfiles: The files of the configuration.
        values: Further settings, each as name=value.

    Raises:
        CalledProcessError: The second process failed. The log has its messages.
    """
    configuration: list[str | Path] = []
    if files := list(configfiles):
        configuration += ["--configfile", *files]
    if settings := list(values):
        configuration += ["--config", *settings]
    with atomic_write(page) as temp_path, open(log, "w", encoding="utf-8") as file:
        made = temp_path.with_suffix(".html")  # Snakemake chooses the format by the suffix
        command: list[str | Path] = [sys.executable, "-m", "snakemake", "--snakefile", snakefile, *configuration]
        options: list[str | Path] = ["--quiet", "all", "--report-stylesheet", style, "--report", made]
        subprocess.run([*command, *options], check=True, stdout=file, stderr=subprocess.STDOUT)
        made.replace(temp_path)
