"""Tabulate the run time of each rule, and the code, libraries and machine behind each table."""

import csv
from pathlib import Path

from convbias_pipeline.report.environment import table_environments
from convbias_pipeline.report.times import seconds_by_rule
from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, read_provenances

begin_job(snakemake)

tables = read_provenances(((Path(path).stem, path) for path in snakemake.input.tables), snakemake.params.expected)
rows = seconds_by_rule(Path(snakemake.params.benchmarks))
with atomic_write(snakemake.output.times) as temp_path, temp_path.open("w", newline="", encoding="utf-8") as file:
    table = csv.DictWriter(file, ["rule", "jobs", "seconds", "share", "longest"], lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({**row, **{name: f"{row[name]:.3g}" for name in ("seconds", "share", "longest")}})
with atomic_write(snakemake.output.environment) as temp_path, temp_path.open("w", newline="", encoding="utf-8") as file:
    lines = [("table", "item", "value"), *table_environments(tables)]
    csv.writer(file, lineterminator="\n").writerows(lines)
