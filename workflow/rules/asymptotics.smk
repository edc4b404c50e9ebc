rule estimate_asymptotics:
    input:
        unpack(points_of),
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
        job_params=lambda wildcards: job_params(
            "estimate_asymptotics",
            wildcards,
            section="linear",
            settings=["d", "k"],
            plugins=["linear.tasks.{task}"],
            expected=expected_points(wildcards),
        ),
        expected=expected_points,
    message:
        "Compute SVD estimates on {wildcards.n_train} samples of {wildcards.task} ({wildcards.experiment})"
    script:
        "../scripts/estimate_asymptotics.py"
