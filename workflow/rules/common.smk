import os
import sys
import time
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import DeploymentMethod

# This process and its jobs run the core of this checkout, even if another one is installed.
SCRIPTS = ROOT / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from convbias import catalogue, registry
from convbias_pipeline.configuration import check, load, read
from convbias_pipeline.jobs import images as digit_images
from convbias_pipeline.jobs import plan, shards, versions
from convbias_pipeline.jobs.params import JobParams, job_of
from convbias_pipeline.report import captions
from convbias_pipeline.run import devices, finish, folder, start, state
from convbias_pipeline.store import mnist

# With the prefix of the module, if another workflow uses this one
RESULTS = Path(workflow.modifier.path_modifier.replace_prefix("results/"))

began, failures = time.monotonic(), finish.Failures()
if workflow.modifier.is_main_snakefile():  # otherwise onerror, which tells them, does not run
    logger.addFilter(failures)
start.set_python_path(SCRIPTS)
try:
    folder.check_name(ROOT)
    files = [Path(file) for file in workflow.configfiles]
    read.check(files)
    loaded = load.load(config, ROOT)
    check.check(loaded, ROOT, files, workflow.config_settings.config)
    load.expand(loaded)
    MNIST_FOLDER = mnist.folder(loaded["mnist"], RESULTS / "mnist")
    loaded["mnist"] = MNIST_FOLDER and str(MNIST_FOLDER)
except (check.ConfigurationError, folder.FolderError, ValueError) as errors:
    raise WorkflowError(str(errors)) from None
state.prepare(workflow, RESULTS)

config = loaded  # the old one may belong to a workflow that uses this one


wildcard_constraints:
    experiment=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    task=r"[a-z0-9_]+",
    model=r"[a-z0-9_]+",
    loss="|".join(registry.names("linear.losses")),
    training="|".join(registry.names("detection.training")),
    d=r"\d+",
    l=r"\d+",
    n_patterns=r"\d+",
    n_train=r"\d+",
    n_test=r"\d+",
    first=r"\d+",
    last=r"\d+",
    table="|".join(plan.TABLES),
    figure="|".join(config["figures"]) or "none",


@cache
def images():
    """The digit images of this run. Only jobs that depend on them call this, so `snakemake mnist` always works."""
    return digit_images.choose(config["digits"], MNIST_FOLDER, RESULTS / "datasets" / "digits.txt")


# With --sdm conda, jobs see the libraries of their environments and not those of this process.
own_environments = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
job_params = JobParams(config, SCRIPTS, images, versions.pinned(ROOT / "envs") if own_environments else None)


@cache
def trains_on_gpu():
    """Whether training jobs request a GPU, of this machine or of the cluster that runs them."""
    return start.trains_on_gpu(config["device"], local=workflow.local_exec)


def gpus(training=None):
    """The number of GPUs that a training job requests. Jobs of the linear system have no training and can always use one."""
    return int(trains_on_gpu() and (training is None or plan.uses_gpu(training)))


CUDA_MB = 3000  # main memory of torch's GPU libraries; assumed


def memory(mb, trains=False):
    """The memory of a job in MB, multiplied by the attempt number on retries."""
    return lambda wildcards, attempt: attempt * (mb + (CUDA_MB * gpus(wildcards.get("training")) if trains else 0))


def experiment_of(wildcards, section):
    """The settings of a job's experiment."""
    return config[section][wildcards.get("experiment")]


def digits_of(task):
    """The digit images, if a task is made from them."""
    return {"digits": rules.make_digits.output.digits} if plan.uses_images(task) else {}


def points_of(wildcards):
    """The training sets of a job of the linear system."""
    return {"points": rules.make_dataset.output.points.format(**dataset_job(wildcards))}


def inputs_of(wildcards):
    """The training and test sets of a job of the detection system, and the digit images if they are made from them."""
    return {
        "inputs": rules.make_inputs.output.inputs.format(**inputs_job(wildcards)),
        **digits_of(wildcards["task"]),
    }


def tables(names):
    """The files of some tables, by name."""
    return {name: rules.collect_table.output.table.format(table=name) for name in names}


def dataset_job(wildcards):
    """The wildcards of the job that draws the training sets of another job."""
    known = {"d": experiment_of(wildcards, "linear")["d"], **wildcards}
    return {name: known[name] for name in ("task", "d", "n_train", "first", "last")}


def inputs_job(wildcards):
    """The wildcards of the job that draws the training and test sets of another job."""
    known = {**experiment_of(wildcards, "detection"), **wildcards}
    names = ("task", "d", "l", "n_patterns", "n_train", "n_test", "first", "last")
    return {name: known[name] for name in names}


# The params of the jobs that make the files above, under the same names. A job refuses files of other jobs.


def expected_digits(task):
    return {"digits": rules.make_digits.params.job_params({})} if plan.uses_images(task) else {}


def expected_points(wildcards):
    return {"points": rules.make_dataset.params.job_params(dataset_job(wildcards))}


def expected_inputs(wildcards):
    return {
        "inputs": rules.make_inputs.params.job_params(inputs_job(wildcards)),
        **expected_digits(wildcards["task"]),
    }


@cache
def expected_table(name):
    return rules.collect_table.params.job_params({"table": name})


def expected_tables(names):
    return {name: expected_table(name) for name in names}
