"""Tabulate what the jobs of each rule took, and where the tables come from."""

import csv
from pathlib import Path

from convbias_pipeline.report.environment import origin
from convbias_pipeline.report.times import seconds_by_rule
from convbias_pipeline.store.files import begin_job, whole

begin_job(snakemake.log[0])

rows = seconds_by_rule(Path(snakemake.params.benchmarks))
with whole(snakemake.output.times) as beside, beside.open("w", newline="") as file:
    table = csv.DictWriter(file, ["rule", "jobs", "seconds", "share", "longest"], lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({**row, **{name: f"{row[name]:.3g}" for name in ("seconds", "share", "longest")}})
with whole(snakemake.output.origin) as beside, beside.open("w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([("of", "what", "value"), *origin(snakemake.input.tables)])
