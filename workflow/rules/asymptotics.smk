rule estimate_asymptotics:
    input:
        points=points_of,
    output:
        limits="results/asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/estimate_asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/estimate_asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    params:
        spec=lambda wildcards: asymptotics_spec(job_of(wildcards)),
    message:
        "Estimate the limit of X-hinge on {wildcards.n_train} samples of {wildcards.task} ({wildcards.experiment})"
    script:
        "../scripts/estimate_asymptotics.py"
