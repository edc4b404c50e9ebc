rule collect_table:
    input:
        parts=lambda wildcards: list(plan.parts(config, wildcards.table)),
    output:
        table=plan.TABLE,
    params:
        spec=table_spec,
    log:
        "results/logs/collect_table/{table}.log",
    benchmark:
        "results/benchmarks/collect_table/{table}.tsv"
    threads: 1
    resources:
        mem_mb=500,
    conda:
        "../../envs/estimate.yaml"
    message:
        "Collect {output.table}"
    script:
        "../scripts/collect_table.py"
