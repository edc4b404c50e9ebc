"""Snakemake's report of a run, made while the run goes on."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from convbias_pipeline.store.files import atomic_write


def write_report(
    page: str, log: str, snakefile: str, style: Path, configfiles: Iterable[Path], values: Iterable[str]
) -> None:
    """Have another Snakemake, which reads the same configuration and records, write ``page``.

    Args:
        page: where; its folder must exist.
        log: where that Snakemake's messages go.
        snakefile: of the workflow.
        style: a style sheet for the page.
        configfiles: what the configuration is read from.
        values: those given as name=value beside the files.

    Raises:
        CalledProcessError: it did not; the log says why.
    """
    settings: list[str | Path] = [
        "--snakefile",
        snakefile,
        "--configfile",
        *configfiles,
        *(["--config", *values] if values else []),
    ]
    with atomic_write(page) as temp_path, open(log, "w") as file:
        made = temp_path.with_suffix(".html")  # Snakemake goes by the ending
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "snakemake",
            *settings,
            "--quiet",
            "all",
            "--report-stylesheet",
            style,
        ]
        subprocess.run([*command, "--report", made], check=True, stdout=file, stderr=subprocess.STDOUT)
        made.replace(temp_path)
