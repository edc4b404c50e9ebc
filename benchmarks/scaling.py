"""How run time, memory, files and bytes scale from 10^3 to 10^6 networks, through the whole pipeline.

Half of the networks have a convolution layer, half have none (cls, d=100, k=5, n=50, hinge loss). Each size runs in an
empty folder. ``make scaling`` writes ``scaling.csv`` and ``scaling.png`` to this folder, in five minutes on two cores.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml
from matplotlib.ticker import LogLocator, NullFormatter

from convbias.figures import style

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config.yaml", "config", "workflow", "profiles", "envs", "requirements.lock")


def configuration(networks: int, seeds_per_job: int) -> dict:
    """A configuration of one experiment and one figure, with the settings of wu2019-fig2 on one task and size."""
    experiment = yaml.safe_load((ROOT / "config/wu2019.yaml").read_text(encoding="utf-8"))["linear"]["wu2019-fig2"]
    experiment |= {"tasks": ["cls"], "n_train": {"cls": [50]}, "seeds": networks // 2}
    return {
        "papers": [],
        "seeds_per_job": seeds_per_job,
        "linear": {"scaling": experiment},
        "figures": {"wu2019-phase-k": ["scaling"]},
    }


def run(where: Path, *arguments: str) -> tuple[float, float]:
    """The seconds of a run of Snakemake, and the memory of its main process in MB."""
    command = [sys.executable, "-m", "snakemake", "--configfile", "scaling.yaml", "--quiet", "all", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed in {where}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def most_memory(logs: Path) -> float:
    """The largest memory of the jobs with these logs, in MB."""
    texts = (log.read_text(encoding="utf-8") for log in logs.rglob("*.log"))
    return max(float(found[1]) for text in texts if (found := re.search(r"(\d+) MB of memory at most", text)))


def measure(networks: int, seeds_per_job: int, cores: int) -> dict[str, float]:
    """The costs of a run with this many networks, from an empty folder to the figure."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        for part in PARTS:
            (where / part).symlink_to(ROOT / part)
        (where / "scaling.yaml").write_text(yaml.safe_dump(configuration(networks, seeds_per_job)), encoding="utf-8")
        planning, _ = run(where, "--dry-run")
        seconds, memory = run(where, "--cores", str(cores))
        nothing, _ = run(where, "--cores", str(cores))
        files = [file for file in (where / "results").rglob("*") if file.is_file()]
        table = where / "results/tables/linear.parquet"
        return {
            "networks": networks,
            "jobs": len(list((where / "results/benchmarks").rglob("*.tsv"))),
            "seconds": seconds,
            "planning": planning,
            "nothing_to_do": nothing,
            "snakemake_mb": memory,
            "training_mb": most_memory(where / "results/logs/train_linear"),
            "collecting_mb": most_memory(where / "results/logs/collect_table"),
            "drawing_mb": most_memory(where / "results/logs/plot_figure"),
            "files": len(files),
            "bytes": sum(file.stat().st_size for file in files),
            "table_bytes": table.stat().st_size,
        }


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Plot seconds, memory, files and bytes against the number of networks."""
    networks = frame["networks"]
    lines = {
        "milliseconds per network": {"": 1000 * frame["seconds"] / networks},
        "memory, MB": {job: frame[f"{job}_mb"] for job in ("training", "collecting", "drawing", "snakemake")},
        "files": {"": frame["files"], "jobs": frame["jobs"]},
        "bytes per network": {"all files": frame["bytes"] / networks, "the table": frame["table_bytes"] / networks},
    }
    with style.style():
        figure, grid = style.axes_grid(2, 2, 3.2, gap=0.08, sharex=True)
        for ax, letter, (label, columns) in zip(grid.flat, "abcd", lines.items(), strict=True):
            for (name, column), line in zip(columns.items(), ("k.-", "k.--", "k.:", "k.-."), strict=False):
                ax.plot(networks, column, line, label=name or label)
            ax.set(xscale="log", ylabel=label, title=f"({letter})")
            if label.startswith("memory"):
                ax.set_ylim(0, 1.9 * max(column.max() for column in columns.values()))  # room for the legend
            else:
                ax.set_yscale("log")
                ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
                ax.yaxis.set_major_formatter("{x:,g}")
                ax.yaxis.set_minor_formatter(NullFormatter())
            if len(columns) > 1:
                ax.legend(loc="upper left" if letter in "bc" else "upper right")
        for ax in grid[-1]:
            ax.set_xlabel("networks")
            ax.xaxis.set_major_locator(LogLocator(numticks=20))
        figure.savefig(path, metadata={"Software": None})


def main() -> None:
    """Measure each number of networks, and write the CSV file and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", type=int, nargs="+", default=[10**3, 10**4, 10**5, 10**6])
    parser.add_argument("--seeds-per-job", type=int, default=2500)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="folder of the CSV and PNG files")
    options = parser.parse_args()
    rows = []
    for networks in options.networks:
        rows.append(measure(networks, options.seeds_per_job, options.cores))
        print(", ".join(f"{name} {value:,.6g}" for name, value in rows[-1].items()), flush=True)
    with (options.to / "scaling.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in rows)
    draw(pd.DataFrame(rows), options.to / "scaling.png")


if __name__ == "__main__":
    main()
