"""The workflow as a user runs it: real processes in a copy of the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import yaml

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config.yaml", "workflow", "profiles", "envs", "tests/config.yaml", "requirements.lock")


def preset(name):
    """A preset without YAML's shared parts, so that a test can change one place alone."""
    return json.loads(json.dumps(yaml.safe_load((ROOT / name).read_text())))


def copy_repository(to):
    for part in PARTS:
        target = to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target)
    return to


def snakemake(where, *arguments):
    """Run snakemake in a copy of the repository; returns the finished process with all that it printed in stdout."""
    command = [sys.executable, "-m", "snakemake", *map(str, arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=where, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600
    )


def smoke(where, *arguments):
    return snakemake(where, "--configfile", "tests/config.yaml", *arguments)


def job_counts(output):
    """The job list of a dry run, by rule."""
    stats = re.search(r"job +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", stats[1], re.MULTILINE)} if stats else {}


def small():
    """A few parts of the smoke preset, in many short jobs."""
    config = preset("tests/config.yaml")
    keep = {
        "experiments": ["wu2019-fig2", "wu2019-fig5"],
        "patterns": ["brutzkus2021-fig3a"],
        "theory": ["wu2019-fig4"],
        "examples": ["brutzkus2021-fig1"],
        "claims": ["wu2019-thm2"],
        "figures": ["wu2019-claims"],
    }
    config |= {section: {name: config[section][name] for name in names} for section, names in keep.items()}
    config["figures"]["wu2019-claims"] = ["wu2019-thm2"]
    for experiment in config["experiments"].values():
        experiment |= {"tasks": ["cls"], "n_train": {"cls": [3, 10]}, "seeds": 4}
    detectors = {"models": ["conv_pool", "svm"], "n_train": {"orthogonal": [10]}, "seeds": 4}
    config["patterns"]["brutzkus2021-fig3a"] |= detectors
    return config | {"seeds_per_job": 2}


def run_small(where, *arguments):
    """Run those parts, which are in small.yaml."""
    return snakemake(where, "--configfile", "small.yaml", "--cores", 2, *arguments)


def jobs_of(process):
    """The processes of a run's jobs that compute just now."""
    jobs = []
    with suppress(psutil.NoSuchProcess):  # some end while we look
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                jobs += [child] * (".snakemake/scripts/" in " ".join(child.cmdline()))
    return jobs
