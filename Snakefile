"""Reproduce the experiments of wu2019 and brutzkus2021: training sets, training, estimates, tables, claims, figures."""

from snakemake.utils import min_version

min_version("9.0")

if not workflow.configfiles:  # a --configfile takes the place of config.yaml; --config changes values of either

    configfile: f"{workflow.basedir}/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/asymptotics.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/times.smk"


rule all:
    default_target: True
    input:
        expand("results/tables/{table}.parquet", table=TABLES),
        rules.check_claims.output,
        expand("results/figures/{figure}.{format}", figure=config["figures"], format=["pdf", "png", "csv"]),
        rules.tabulate_times.output,
    localrule: True


include: "workflow/rules/report.smk"


onstart:
    try:
        if config["device"] == "cuda" and workflow.local_exec:
            devices.require()
        folder.claim(Path("results"))
        if workflow.local_exec and not trains_on_gpu():
            nursery.open_nursery()
    except (devices.DeviceError, folder.FolderError) as problem:
        raise WorkflowError(str(problem)) from None


onsuccess:
    if os.path.isdir("results/figures"):
        print("The figures are in results/figures, the tables in results/tables.")
        if IMAGES == digits.BUNDLED and any(plan.shows_images(config, figure) for figure in config["figures"]):
            print(f"Digit detection used the {IMAGES}; for MNIST: snakemake mnist, and run again.")


onerror:
    print("What has finished is kept: the same command goes on from there.")
    print("A job whose log tells no error was killed, as for want of memory: a smaller seeds_per_job needs less.")
