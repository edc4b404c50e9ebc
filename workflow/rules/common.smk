import os
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

# This process and its jobs run the core of this checkout, whichever is installed.
SCRIPTS = str(Path(workflow.basedir, "workflow", "scripts"))
sys.path.insert(0, SCRIPTS)
os.environ.update(PYTHONPATH=os.pathsep.join([SCRIPTS, *filter(None, [os.getenv("PYTHONPATH")])]))

from convbias import registry
from convbias.patterns import digits
from pipeline import configuration, devices, folder, mnist, nursery, parts, plan
from pipeline.fingerprint import fingerprint

try:
    configuration.check(
        config,
        schema=Path(workflow.basedir, "workflow", "schemas", "config.schema.yaml"),
        files=[Path(file) for file in workflow.configfiles],
    )
    plan.unfold(config)
    folder.keep_records(Path("results"), Path(".snakemake"))
except (configuration.ConfigurationError, folder.FolderError) as mistakes:
    raise WorkflowError(str(mistakes)) from None


TABLES = ["linear", "trajectories", "patterns", "asymptotics", "theory", "examples"]

# Where MNIST's files are, or None: then digit detection uses the images that come with scikit-learn.
try:
    MNIST = mnist.folder(config["mnist"], Path("results/mnist"))
except ValueError as mistake:
    raise WorkflowError(str(mistake)) from None
IMAGES = digits.MNIST if MNIST else digits.BUNDLED


wildcard_constraints:
    experiment=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    task=r"[a-z0-9_]+",
    model=r"[a-z0-9_]+",
    loss="|".join(registry.names("losses")),
    training="|".join(registry.names("patterns.training")),
    d=r"\d+",
    l=r"\d+",
    n_patterns=r"\d+",
    n_train=r"\d+",
    n_test=r"\d+",
    first=r"\d+",
    last=r"\d+",
    table="|".join(TABLES),
    figure="|".join(config["figures"]) or "none",


@cache
def trains_on_gpu():
    """Whether training jobs ask for a GPU: of this machine, or of the cluster that they are sent to."""
    if config["device"] != "auto":
        return config["device"] == "cuda"
    return devices.lacking() is None if workflow.local_exec else devices.cluster_has_gpus()


def gpus(training=None):
    """How many GPUs a training job asks for; wu2019's, which names no way to train, can always use one."""
    return int(trains_on_gpu() and (training is None or plan.uses_gpu(training)))


CUDA_MB = 3000  # of main memory, that torch's libraries for GPUs take; assumed


def memory(mb, trains=False):
    """What a job needs, as many times as it is tried: one that was killed for want of memory gets more."""
    return lambda wildcards, attempt: attempt * (mb + (CUDA_MB * gpus(wildcards.get("training")) if trains else 0))


@cache
def code(script, *members):
    """The fingerprint of a rule's script and of the parts of the core that its job loads by name."""
    return fingerprint(Path(workflow.basedir, "workflow", "scripts", f"{script}.py"), members)


def job_of(wildcards):
    """A file's wildcards, with whole numbers as such."""
    numbers = ("d", "l", "n_patterns", "n_train", "n_test", "first", "last")
    return {name: int(value) if name in numbers else value for name, value in wildcards.items()}


def settings(job, *names, section="experiments"):
    """Settings of the experiment that a job belongs to."""
    return {name: config[section][job["experiment"]][name] for name in names}


def points_of(wildcards):
    """The training sets that a shard or an estimate uses: experiments share them."""
    job = job_of(wildcards)
    return rules.make_dataset.output.points.format(**job, **settings(job, "d"))


def digits_of(task):
    """The digit images, where a task is made from them."""
    return {"digits": rules.make_digits.output.digits} if plan.uses_images(task) else {}


def inputs_of(wildcards):
    """What the shard of a pattern experiment reads: experiments share their inputs."""
    job = job_of(wildcards)
    shared = settings(job, "d", "l", "n_patterns", "n_test", section="patterns")
    return {"inputs": rules.make_inputs.output.inputs.format(**job, **shared), **digits_of(job["task"])}


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


def digits_spec():
    return {"code": code("make_digits"), "images": IMAGES}


def inputs_spec(job):
    return {
        **job,
        **images_of(job["task"]),
        "code": code("make_inputs", f"patterns.tasks.{job['task']}"),
        "root_seed": config["root_seed"],
    }


def patterns_spec(job):
    members = [f"patterns.{family}s.{job[family]}" for family in ("task", "model")]
    crossed = ("tasks", "models", "trainings", "n_train", "seeds", "labels")
    entry = config["patterns"][job["experiment"]]
    return {
        **job,
        **{name: value for name, value in sorted(entry.items()) if name not in crossed},
        **images_of(job["task"]),
        "code": code("train_patterns", *members, f"patterns.training.{job['training']}"),
        "root_seed": config["root_seed"],
    }


def images_of(task):
    """Which images a task is made from, for the spec of its jobs."""
    return {"images": IMAGES} if plan.uses_images(task) else {}


def examples_spec(job):
    entry = {name: value for name, value in config["examples"][job["experiment"]].items() if name != "labels"}
    return {
        **job,
        **entry,
        **images_of(entry["task"]),
        "code": code("make_examples", f"patterns.tasks.{entry['task']}"),
        "root_seed": config["root_seed"],
    }


def asymptotics_spec(job):
    own = {"code": code("estimate_asymptotics", f"tasks.{job['task']}"), "root_seed": config["root_seed"]}
    return {**job, **settings(job, "d", "k"), **own}


def theory_spec(job):
    entry = {name: value for name, value in config["theory"][job["experiment"]].items() if name != "labels"}
    tasks = (f"tasks.{task}" for task in entry.get("tasks", ()))
    return {
        **job,
        **entry,
        "code": code("compute_theory", f"theory.curves.{entry['curves']}", *tasks),
        "root_seed": config["root_seed"],
    }


@cache
def parts_of(table):
    """The files that a table is collected from, and the same with the specs of their jobs, in few words."""
    path, jobs, spec = {
        "linear": (rules.train_linear.output.runs, plan.shards, training_spec),
        "trajectories": (rules.train_linear.output.runs, plan.recorded_shards, training_spec),
        "patterns": (rules.train_patterns.output.runs, plan.pattern_shards, patterns_spec),
        "examples": (rules.make_examples.output.examples, plan.examples, examples_spec),
        "asymptotics": (rules.estimate_asymptotics.output.limits, plan.estimates, asymptotics_spec),
        "theory": (rules.compute_theory.output.curves, plan.curves, theory_spec),
    }[table]
    found = list(parts.cover(jobs(config), path, spec))
    return [part.path for part in found], parts.pack(found, str(path))


def table_spec(wildcards):
    return {"code": code("collect_table"), "parts": parts_of(wildcards.table)[1], "table": wildcards.table}


def claims_spec():
    files = dict.fromkeys(f"claims.{plan.claim_file(claim)}" for claim in config["claims"])
    asked = plan.asked(config)
    return {"claims": asked, "code": code("check_claims", *files), "experiments": plan.named(asked)}


def claims_tables(_):
    tables = dict.fromkeys(table for claim in config["claims"] for table in plan.claim_tables(claim))
    return {table: rules.collect_table.output.table.format(table=table) for table in tables}


def figure_spec(wildcards):
    return {
        "code": code("plot_figure", f"figures.{wildcards.figure.replace('-', '_')}"),
        "experiments": config["figures"][wildcards.figure],
        **({"images": IMAGES} if plan.shows_images(config, wildcards.figure) else {}),
        "figure": wildcards.figure,
    }


def paper_of(wildcards):
    """The paper that a figure is of, under which the report has it."""
    return wildcards.figure.split("-")[0]


def figure_tables(wildcards):
    tables = plan.figure_constant(wildcards.figure, "TABLES")
    return {table: rules.collect_table.output.table.format(table=table) for table in tables}
