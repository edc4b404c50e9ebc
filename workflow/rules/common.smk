import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir, "workflow", "scripts")))

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


wildcard_constraints:
    experiment=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    task=r"[a-z0-9_]+",
    model=r"[a-z0-9_]+",
    loss=r"[a-z0-9_]+",
    d=r"\d+",
    n_train=r"\d+",
    first=r"\d+",
    last=r"\d+",
    table="|".join(["linear", "asymptotics"]),
    figure="|".join(config["figures"]) or "none",


def code(script, *members):
    """The fingerprint of a rule's script and of the parts of the core that its job loads by name."""
    return fingerprint(Path(workflow.basedir, "workflow", "scripts", f"{script}.py"), members)


def settings(wildcards, *names):
    """Settings of the experiment that a file belongs to."""
    return {name: config["experiments"][wildcards.experiment][name] for name in names}


def points_of(wildcards):
    """The training sets that a shard or an estimate uses: experiments share them."""
    return rules.make_dataset.output.points.format(**wildcards, **settings(wildcards, "d"))


def dataset_spec(wildcards):
    return {
        "code": code("make_dataset", f"tasks.{wildcards.task}"),
        "d": int(wildcards.d),
        "first": int(wildcards.first),
        "last": int(wildcards.last),
        "n_train": int(wildcards.n_train),
        "root_seed": config["root_seed"],
        "task": wildcards.task,
    }


def training_code(part):
    return code(
        "train_linear",
        f"tasks.{part['task']}",
        f"models.{part['model']}",
        f"losses.{part['loss']}",
    )


def training_spec(wildcards):
    return {
        "code": training_code(dict(wildcards.items())),
        "experiment": wildcards.experiment,
        "loss": wildcards.loss,
        "model": wildcards.model,
        "n_train": int(wildcards.n_train),
        "root_seed": config["root_seed"],
        "task": wildcards.task,
        **settings(wildcards, "d", "init_scale", "k", "learning_rate", "step_limit", "steps"),
    }


def asymptotics_code(part):
    return code("estimate_asymptotics", f"tasks.{part['task']}")


def asymptotics_spec(wildcards):
    return {
        "code": asymptotics_code(dict(wildcards.items())),
        "experiment": wildcards.experiment,
        "n_train": int(wildcards.n_train),
        "task": wildcards.task,
        **settings(wildcards, "d", "k"),
    }


def parts_of(table):
    """The files that a table is collected from, each with its wildcards and the code that makes it."""
    if table == "linear":
        path, jobs, made_by = rules.train_linear.output.runs, plan.shards(config), training_code
    else:
        path, jobs, made_by = rules.estimate_asymptotics.output.limits, plan.estimates(config), asymptotics_code
    return {path.format(**job): {**job, "code": made_by(job)} for job in jobs}


def table_spec(wildcards):
    return {"code": code("collect_table"), "expected": parts_of(wildcards.table), "table": wildcards.table}


def figure_spec(wildcards):
    return {
        "code": code("plot_figure", f"figures.{wildcards.figure.replace('-', '_')}"),
        "experiments": config["figures"][wildcards.figure],
        "figure": wildcards.figure,
    }


def figure_tables(wildcards):
    return {
        table: rules.collect_table.output.table.format(table=table) for table in plan.figure_tables(wildcards.figure)
    }
