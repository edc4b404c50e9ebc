"""The workflow as a user runs it: real processes in a copy of the repository."""

import copy
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil
import yaml

from convbias_pipeline.configuration.check import check
from convbias_pipeline.configuration.load import expand, load, read

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config.yaml", "config", "workflow", "profiles", "envs", "tests/config.yaml", "requirements.lock")


def changes(name="tests/config.yaml"):
    """The changes that a preset makes, without YAML's shared nodes: a test can change one place alone."""
    return json.loads(json.dumps(yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))))


@cache
def _parsed(file):
    return pickle.dumps(read(file))


def read_once(file):
    """The content of a YAML file. It stands in for ``load.read`` if many examples read the same files."""
    return pickle.loads(_parsed(file))


def loaded(changes):
    """The configuration that results from changes, before lists of settings are expanded."""
    return copy.deepcopy(load(changes, ROOT))


def expanded(changes):
    """The configuration as the rules see it."""
    config = loaded(changes)
    check(config, ROOT)
    expand(config)
    return config


def copy_repository(to):
    for part in PARTS:
        target = to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target)
    return to


def snakemake(where, *arguments, python=sys.executable):
    """Run snakemake in a copy of the repository; returns the finished process with all that it printed in stdout."""
    command = [str(python), "-m", "snakemake", *map(str, arguments)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("CONVBIAS_MNIST", None)  # a test that uses MNIST names it in the configuration
    return subprocess.run(
        command,
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
    )


def smoke(where, *arguments):
    return snakemake(where, "--configfile", "tests/config.yaml", *arguments)


def job_counts(output):
    """The job list of a dry run, by rule."""
    stats = re.search(r"job +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", stats[1], re.MULTILINE)} if stats else {}


def small():
    """The changes of a run of a few parts of the smoke preset, in many short jobs."""
    linear, detection = changes()["linear"]["wu2019-fig2"], changes()["detection"]["brutzkus2021-fig3a"]
    linear |= {"tasks": ["cls"], "n_train": {"cls": [3, 10]}, "seeds": 4}
    detection |= {"models": ["conv_pool", "svm"], "n_train": {"orthogonal": [10]}, "seeds": 4}
    return {
        "device": "cpu",
        "seeds_per_job": 2,
        "linear": {"*": None, "wu2019-fig2": linear, "wu2019-fig5": linear},
        "detection": {"*": None, "brutzkus2021-fig3a": detection},
        "theory": {"*": None, "wu2019-fig4": changes()["theory"]["wu2019-fig4"]},
        "examples": {"*": None, "brutzkus2021-fig1": {"d": 8, "l": 6, "n_patterns": 4, "inputs": 2}},
        "claims": {
            "*": None,
            "wu2019-xhinge-estimate": {},
            "wu2019-fig2-cls": {},
            "brutzkus2021-fig3a": {},
        },
        "figures": {"*": None, "wu2019-fig2": ["wu2019-fig2"], "wu2019-fig4": ["wu2019-fig4"]},
    }


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
