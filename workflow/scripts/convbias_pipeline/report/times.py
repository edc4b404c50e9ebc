"""The run time of each rule, from Snakemake's benchmark files."""

import csv
from collections import defaultdict
from pathlib import Path


def seconds_by_rule(folder: Path) -> list[dict[str, str | int | float]]:
    """For each rule with benchmark files: its jobs, their seconds, their share of all seconds, and the longest job.

    The rules with most seconds come first. Jobs that run in parallel each count their own seconds. Empty files, which a
    full disk leaves behind, count as no job.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    for file in folder.rglob("*.tsv"):
        with file.open(newline="", encoding="utf-8") as lines:
            rule = file.relative_to(folder).parts[0].removesuffix(".tsv")
            seconds[rule] += [float(row["s"]) for row in csv.DictReader(lines, delimiter="\t")]
    total = sum(sum(each) for each in seconds.values()) or 1
    return [
        {"rule": rule, "jobs": len(each), "seconds": sum(each), "share": sum(each) / total, "longest": max(each)}
        for rule, each in sorted(seconds.items(), key=lambda item: -sum(item[1]))
        if each
    ]
