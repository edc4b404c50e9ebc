rule estimate_asymptotics:
    input:
        points=points_of,
    output:
        limits=plan.ASYMPTOTICS,
    params:
        spec=asymptotics_spec,
    log:
        "results/logs/estimate_asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/estimate_asymptotics/{experiment}/{task}/n{n_train}/seeds{first}-{last}.tsv"
    threads: 1
    resources:
        mem_mb=500,
    conda:
        "../../envs/estimate.yaml"
    message:
        "Estimate the limit of X-hinge on {wildcards.n_train} samples of {wildcards.task} ({wildcards.experiment})"
    script:
        "../scripts/estimate_asymptotics.py"
