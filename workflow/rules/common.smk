import os
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

# This process and its jobs run the core of this checkout, whichever is installed.
SCRIPTS = str(Path(workflow.basedir, "workflow", "scripts"))
sys.path.insert(0, SCRIPTS)
os.environ.update(PYTHONPATH=os.pathsep.join([SCRIPTS, *filter(None, [os.getenv("PYTHONPATH")])]))

from pipeline import configuration, plan
from pipeline.fingerprint import fingerprint

try:
    configuration.check(
        config,
        schema=Path(workflow.basedir, "workflow", "schemas", "config.schema.yaml"),
        source=" and ".join(os.path.relpath(file) for file in workflow.configfiles),
    )
except configuration.ConfigurationError as mistakes:
    raise WorkflowError(str(mistakes)) from None


TABLES = ["linear", "trajectories", "asymptotics", "theory"]


wildcard_constraints:
    experiment=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    task=r"[a-z0-9_]+",
    model=r"[a-z0-9_]+",
    loss=r"[a-z0-9_]+",
    d=r"\d+",
    n_train=r"\d+",
    first=r"\d+",
    last=r"\d+",
    table="|".join(TABLES),
    figure="|".join(config["figures"]) or "none",


@cache
def code(script, *members):
    """The fingerprint of a rule's script and of the parts of the core that its job loads by name."""
    return fingerprint(Path(workflow.basedir, "workflow", "scripts", f"{script}.py"), members)


def job_of(wildcards):
    """A file's wildcards, with whole numbers as such."""
    numbers = ("d", "n_train", "first", "last")
    return {name: int(value) if name in numbers else value for name, value in wildcards.items()}


def settings(job, *names):
    """Settings of the experiment that a job belongs to."""
    return {name: config["experiments"][job["experiment"]][name] for name in names}


def points_of(wildcards):
    """The training sets that a shard or an estimate uses: experiments share them."""
    job = job_of(wildcards)
    return rules.make_dataset.output.points.format(**job, **settings(job, "d"))


# The spec of a job is all that its result depends on; Snakemake runs the job again when it changes.


def dataset_spec(job):
    return {**job, "code": code("make_dataset", f"tasks.{job['task']}"), "root_seed": config["root_seed"]}


def training_spec(job):
    members = (f"tasks.{job['task']}", f"models.{job['model']}", f"losses.{job['loss']}")
    return {
        **job,
        **settings(
            job, "d", "init_scale", "initialisations", "k", "learning_rate", "record_every", "step_limit", "steps"
        ),
        "code": code("train_linear", *members),
        "root_seed": config["root_seed"],
    }


def asymptotics_spec(job):
    own = {"code": code("estimate_asymptotics", f"tasks.{job['task']}"), "root_seed": config["root_seed"]}
    return {**job, **settings(job, "d", "k"), **own}


def theory_spec(job):
    return {
        **job,
        **config["theory"][job["experiment"]],
        "code": code("compute_theory"),
        "root_seed": config["root_seed"],
    }


def parts_of(table):
    """The files that a table is collected from, each with the spec of its job."""
    path, jobs, spec = {
        "linear": (rules.train_linear.output.runs, plan.shards, training_spec),
        "trajectories": (rules.train_linear.output.runs, plan.recorded_shards, training_spec),
        "asymptotics": (rules.estimate_asymptotics.output.limits, plan.estimates, asymptotics_spec),
        "theory": (rules.compute_theory.output.curves, plan.curves, theory_spec),
    }[table]
    return {path.format(**job): spec(job) for job in jobs(config)}


def table_spec(wildcards):
    return {"code": code("collect_table"), "expected": parts_of(wildcards.table), "table": wildcards.table}


def figure_spec(wildcards):
    return {
        "code": code("plot_figure", f"figures.{wildcards.figure.replace('-', '_')}"),
        "experiments": config["figures"][wildcards.figure],
        "figure": wildcards.figure,
    }


def figure_tables(wildcards):
    tables = plan.figure_constant(wildcards.figure, "TABLES")
    return {table: rules.collect_table.output.table.format(table=table) for table in tables}
