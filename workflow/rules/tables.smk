rule collect_table:
    input:
        parts=lambda wildcards: list(parts_of(wildcards.table)[0]),
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
        spec=table_spec,
    message:
        "Collect {output.table}"
    script:
        "../scripts/collect_table.py"
