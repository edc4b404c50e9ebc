rule compute_theory:
    output:
        curves="results/theory/{experiment}.parquet",
    log:
        "results/logs/compute_theory/{experiment}.log",
    benchmark:
        "results/benchmarks/compute_theory/{experiment}.tsv"
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
    params:
        job_params=job_params.theory,
    message:
        "Check theory ({wildcards.experiment})"
    script:
        "../scripts/compute_theory.py"
