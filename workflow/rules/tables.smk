# For each table, the rule that makes its shards, and the wildcards of the jobs of that rule
JOBS = {
    "linear": (rules.train_linear, plan.shards(config, "linear")),
    "trajectories": (rules.train_linear, plan.recorded_shards(config)),
    "detection": (rules.train_detection, plan.shards(config, "detection")),
    "asymptotics": (rules.estimate_asymptotics, plan.estimates(config)),
    "theory": (rules.compute_theory, plan.entries(config, "theory")),
    "examples": (rules.make_examples, plan.entries(config, "examples")),
}


rule collect_table:
    input:
        shards=lambda wildcards: list(shards_of(wildcards.table)[0]),
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
            "shards": shards_of(wildcards.table)[1],
            "table": wildcards.table,
        },
    message:
        "Collect {output.table}"
    script:
        "../scripts/collect_table.py"
