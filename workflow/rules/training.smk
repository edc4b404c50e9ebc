rule train_linear:
    input:
        points=points_of,
    output:
        runs="results/runs/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/train_linear/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/train_linear/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.tsv"
    priority: lambda wildcards: int(wildcards.n_train)
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        gpu=lambda _: gpus(),
        mem_mb=memory(1000, trains=True),
    params:
        spec=lambda wildcards: training_spec(job_of(wildcards)),
    message:
        "Train {wildcards.model} with {wildcards.loss} on {wildcards.n_train} samples of {wildcards.task} ({wildcards.experiment})"
    script:
        "../scripts/train_linear.py"


rule train_patterns:
    input:
        unpack(inputs_of),
    output:
        runs="results/runs/{experiment}/{task}/{model}/{training}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/train_patterns/{experiment}/{task}/{model}/{training}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/train_patterns/{experiment}/{task}/{model}/{training}/n{n_train}/seeds{first}-{last}.tsv"
    priority: lambda wildcards: plan.work(config, job_of(wildcards))
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        gpu=lambda wildcards: gpus(wildcards.training),
        mem_mb=memory(2000, trains=True),
    params:
        spec=lambda wildcards: patterns_spec(job_of(wildcards)),
    message:
        "Train {wildcards.model} by {wildcards.training} on {wildcards.n_train} {wildcards.task} inputs ({wildcards.experiment})"
    script:
        "../scripts/train_patterns.py"
