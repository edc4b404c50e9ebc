rule make_points:
    output:
        points="results/points/{task}/d{d}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/make_points/{task}/d{d}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/make_points/{task}/d{d}/n{n_train}/seeds{first}-{last}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        spec=points_spec,
    message:
        "Draw training sets {wildcards.first}-{wildcards.last} of {wildcards.n_train} samples of {wildcards.task}"
    script:
        "../scripts/make_points.py"
