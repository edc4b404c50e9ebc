# The shards of each table: the wildcards of their jobs, and the rule of these jobs.
SHARDS = {
    "linear": shards.TableShards(plan.shards(config, "linear"), rules.train_linear),
    "trajectories": shards.TableShards(plan.recorded_shards(config), rules.train_linear),
    "detection": shards.TableShards(plan.shards(config, "detection"), rules.train_detection),
    "asymptotics": shards.TableShards(plan.estimates(config), rules.estimate_asymptotics),
    "theory": shards.TableShards(plan.entries(config, "theory"), rules.compute_theory),
    "examples": shards.TableShards(plan.entries(config, "examples"), rules.make_examples),
}


rule collect_table:
    input:
        shards=lambda wildcards: SHARDS[wildcards.table].files,
    output:
        table="results/tables/{table}.parquet",
    log:
        "results/logs/collect_table/{table}.log",
    benchmark:
        "results/benchmarks/collect_table/{table}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    params:
        job_params=lambda wildcards: {
            "code": job_params.code("collect_table"),
            "rows": SHARDS[wildcards["table"]].rows,
            "table": wildcards["table"],
        },
        shards=lambda wildcards: SHARDS[wildcards.table].packed,
    message:
        "Collect {output.table}"
    script:
        "../scripts/collect_table.py"
