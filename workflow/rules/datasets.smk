rule make_dataset:
    output:
        points="results/datasets/{task}/d{d}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/make_dataset/{task}/d{d}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/make_dataset/{task}/d{d}/n{n_train}/seeds{first}-{last}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        spec=lambda wildcards: dataset_spec(job_of(wildcards)),
    message:
        "Draw training sets {wildcards.first}-{wildcards.last} of {wildcards.n_train} samples of {wildcards.task}"
    script:
        "../scripts/make_dataset.py"
