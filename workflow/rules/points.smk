rule make_points:
    output:
        points=plan.POINTS,
    params:
        spec=points_spec,
    log:
        "results/logs/make_points/{task}/d{d}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/make_points/{task}/d{d}/n{n_train}/seeds{first}-{last}.tsv"
    threads: 1
    resources:
        mem_mb=500,
    conda:
        "../../envs/estimate.yaml"
    message:
        "Draw training sets {wildcards.first}-{wildcards.last} of {wildcards.n_train} samples of {wildcards.task}"
    script:
        "../scripts/make_points.py"
